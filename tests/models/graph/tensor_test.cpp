#include "models/graph/tensor.h"

#include <doctest/doctest.h>

#include <limits>
#include <stdexcept>

namespace offcut {

TEST_CASE("tensor: the number of elements is the product of the extents") {
  CHECK(elements({}) == 1);
  CHECK(elements({2, 3, 4}) == 24);
  CHECK(elements({2, 0, 4}) == 0);
}

TEST_CASE("tensor: a size that cannot be is refused, also behind an extent of 0") {
  // 2^60 elements of 8 bytes are one byte too many for 63 bits.
  constexpr std::int64_t kTooMany = std::int64_t{1} << 60;
  CHECK(elements({kTooMany - 1}) == kTooMany - 1);
  CHECK(TensorType{DataType::int64, {kTooMany - 1}}.bytes() == 8 * (kTooMany - 1));
  CHECK_THROWS_AS(elements({kTooMany}), std::length_error);
  CHECK_THROWS_AS(elements({1 << 30, 1 << 30}), std::length_error);
  CHECK_THROWS_AS(elements({0, 1 << 30, 1 << 30}), std::length_error);
  CHECK_THROWS_AS(elements({2, -1}), std::length_error);
  CHECK_THROWS_AS(elements({std::numeric_limits<std::int64_t>::min()}), std::length_error);
}

}  // namespace offcut
