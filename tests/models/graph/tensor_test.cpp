#include "models/graph/tensor.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>

namespace offcut::tensor_test {

TEST_CASE("tensor: a new tensor is zero, aligned, and as large as its type says") {
  for (const DataType type : {DataType::float32, DataType::float64, DataType::uint8, DataType::int8,
                              DataType::int32, DataType::int64, DataType::boolean}) {
    const Tensor tensor(TensorType{type, {3, 5}});
    CHECK(tensor.bytes().size() == 15 * element_bytes(type));
    CHECK(reinterpret_cast<std::uintptr_t>(tensor.bytes().data()) % 64 == 0);
    CHECK(std::all_of(tensor.bytes().begin(), tensor.bytes().end(),
                      [](std::byte b) { return b == std::byte{0}; }));
  }
}

TEST_CASE("tensor: an absent tensor, a scalar, and one without elements") {
  CHECK(Tensor().absent());
  CHECK(Tensor().bytes().empty());
  CHECK(Tensor(TensorType{DataType::float32, {}}).size() == 1);
  CHECK(Tensor(TensorType{DataType::float32, {4, 0}}).values<float>().empty());
}

TEST_CASE("tensor: a reshaped tensor shares the elements") {
  const std::array<float, 4> numbers = {1, 2, 3, 4};
  const Tensor tensor({4}, std::span<const float>(numbers));
  const Tensor square = tensor.reshaped({2, 2});
  CHECK(square.shape() == Shape{2, 2});
  CHECK(square.bytes().data() == tensor.bytes().data());
  CHECK_THROWS_AS(tensor.reshaped({3}), std::logic_error);
}

TEST_CASE("tensor: access with the wrong element type is a logic error") {
  const Tensor tensor(TensorType{DataType::float32, {2}});
  CHECK_THROWS_WITH_AS(tensor.values<double>(), "the tensor holds float32, not float64",
                       std::logic_error);
}

TEST_CASE("tensor: the number of elements is the product of the extents") {
  CHECK(elements({}) == 1);
  CHECK(elements({2, 3, 4}) == 24);
  CHECK(elements({2, 0, 4}) == 0);
}

TEST_CASE("tensor: an impossible size is refused, also after an extent of 0") {
  // An array of 2^60 elements of 8 bytes has one byte too many for 63 bits.
  constexpr std::int64_t kTooMany = std::int64_t{1} << 60;
  CHECK(elements({kTooMany - 1}) == kTooMany - 1);
  CHECK(TensorType{DataType::int64, {kTooMany - 1}}.bytes() == 8 * (kTooMany - 1));
  CHECK_THROWS_AS(elements({kTooMany}), std::length_error);
  CHECK_THROWS_AS(elements({1 << 30, 1 << 30}), std::length_error);
  CHECK_THROWS_AS(elements({0, 1 << 30, 1 << 30}), std::length_error);
  CHECK_THROWS_AS(elements({2, -1}), std::length_error);
  CHECK_THROWS_AS(elements({std::numeric_limits<std::int64_t>::min()}), std::length_error);
}

TEST_CASE("tensor: texts") {
  CHECK(to_text(Shape{1, 3, 224, 224}) == "1x3x224x224");
  CHECK(to_text(Shape{}) == "scalar");
  CHECK(to_text(TensorType{DataType::boolean, {2}}) == "bool 2");
}

}  // namespace offcut::tensor_test
