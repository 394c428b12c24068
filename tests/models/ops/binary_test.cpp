#include <doctest/doctest.h>

#include <array>
#include <limits>
#include <random>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::binary_test {
namespace {

template <class T>
Tensor vector_of(std::vector<T> numbers) {
  return Tensor({static_cast<std::int64_t>(numbers.size())}, std::span<const T>(numbers));
}

template <class T>
std::vector<T> elements_of(const Tensor& tensor) {
  return {tensor.values<T>().begin(), tensor.values<T>().end()};
}

/// Computes a - b by numpy's rule, one index at a time. The differences tell which element met
/// which.
Tensor subtract_slowly(const Tensor& a, const Tensor& b, const Shape& shape) {
  Tensor y(TensorType{DataType::float32, shape});
  for (std::int64_t flat = 0; flat < y.size(); ++flat) {
    const auto element = [&](const Tensor& from) {
      std::int64_t rest = flat;
      std::int64_t offset = 0;
      std::int64_t step = 1;
      for (std::size_t back = 0; back < shape.size(); ++back) {
        const std::int64_t index = rest % shape[shape.size() - 1 - back];
        rest /= shape[shape.size() - 1 - back];
        if (back < from.shape().size()) {
          const std::int64_t extent = from.shape()[from.shape().size() - 1 - back];
          offset += extent == 1 ? 0 : index * step;
          step *= extent;
        }
      }
      return from.values<float>()[static_cast<std::size_t>(offset)];
    };
    y.values<float>()[static_cast<std::size_t>(flat)] = element(a) - element(b);
  }
  return y;
}

}  // namespace

TEST_CASE("binary: element by element") {
  const Tensor a = floats({3}, {1, 2, 3});
  const Tensor b = floats({3}, {10, 20, 40});
  CHECK(values(OneLayer("Add").run({a, b})) == std::vector<float>{11, 22, 43});
  CHECK(values(OneLayer("Sub").run({a, b})) == std::vector<float>{-9, -18, -37});
  CHECK(values(OneLayer("Mul").run({a, b})) == std::vector<float>{10, 40, 120});
  CHECK(values(OneLayer("Div").run({b, a})) == std::vector<float>{10, 10, 40.0F / 3});
  CHECK(values(OneLayer("Div").run({a, floats({}, {0})}))[0] ==
        std::numeric_limits<float>::infinity());
}

TEST_CASE("binary: shapes are broadcast from the last axis on") {
  const OneLayer sub("Sub");
  const auto y = sub.run({floats({2, 1}, {10, 20}), floats({3}, {1, 2, 3})});
  CHECK(y.shape() == Shape{2, 3});
  CHECK(values(y) == std::vector<float>{9, 8, 7, 19, 18, 17});
  // One number per channel.
  CHECK(values(sub.run({floats({1, 2, 2}, {5, 6, 7, 8}), floats({2, 1}, {1, 2})})) ==
        std::vector<float>{4, 5, 5, 6});
  CHECK(values(sub.run({floats({}, {1}), floats({2}, {1, 2})})) == std::vector<float>{0, -1});
  CHECK(sub.run({floats({}), floats({})}).shape().empty());
  CHECK(sub.run({floats({0, 1}), floats({5})}).shape() == Shape{0, 5});
}

TEST_CASE("binary: any pair of shapes that fits combines the right elements") {
  std::mt19937 random(7);
  const OneLayer sub("Sub");
  for (int round = 0; round < 300; ++round) {
    Shape shape(random() % 5);
    for (auto& extent : shape) {
      extent = 1 + static_cast<std::int64_t>(random() % 4);
    }
    const auto part = [&] {
      Shape some(shape.begin() + static_cast<std::int64_t>(random() % (shape.size() + 1)),
                 shape.end());
      for (auto& extent : some) {
        extent = random() % 3 == 0 ? 1 : extent;
      }
      return some;
    };
    std::array<Tensor, 2> sides = {floats(part()), floats(part())};
    if (random() % 2 == 0) {
      sides[0] = floats(shape);
    }
    float next = 1;
    for (Tensor& side : sides) {
      for (float& x : side.values<float>()) {
        x = next;
        next *= 1.37F;
      }
    }
    const Tensor y = sub.run({sides[0], sides[1]});
    CAPTURE(to_text(sides[0].shape()));
    CAPTURE(to_text(sides[1].shape()));
    CHECK(values(y) == values(subtract_slowly(sides[0], sides[1], y.shape())));
  }
}

TEST_CASE("binary: integers, as in the computation of shapes") {
  const auto a = vector_of<std::int64_t>({7, -7, 9});
  const auto b = vector_of<std::int64_t>({2, 2, -3});
  CHECK(elements_of<std::int64_t>(OneLayer("Add").run({a, b})) ==
        std::vector<std::int64_t>{9, -5, 6});
  CHECK(elements_of<std::int64_t>(OneLayer("Mul").run({a, b})) ==
        std::vector<std::int64_t>{14, -14, -27});
  CHECK(elements_of<std::int64_t>(OneLayer("Div").run({a, b})) ==
        std::vector<std::int64_t>{3, -3, -3});  // Towards zero.
  const auto narrow = vector_of<std::int32_t>({5, 6});
  CHECK(elements_of<std::int32_t>(OneLayer("Sub").run({narrow, vector_of<std::int32_t>({7})})) ==
        std::vector<std::int32_t>{-2, -1});
}

TEST_CASE("binary: integers at their limits do not crash") {
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  const auto least = vector_of<std::int64_t>({kLeast});
  const auto most = vector_of<std::int64_t>({kMost});
  const auto one = vector_of<std::int64_t>({1});
  const auto result = [](const char* op, const Tensor& a, const Tensor& b) {
    return elements_of<std::int64_t>(OneLayer(op).run({a, b})).front();
  };
  CHECK(result("Add", most, one) == kLeast);
  CHECK(result("Sub", least, one) == kMost);
  CHECK(result("Mul", most, vector_of<std::int64_t>({2})) == -2);
  CHECK(result("Div", least, vector_of<std::int64_t>({-1})) == kLeast);
  CHECK_THROWS_WITH_AS(result("Div", one, vector_of<std::int64_t>({0})),
                       "layer 'it' (Div): integer division by zero", std::invalid_argument);
}

TEST_CASE("binary: inputs that do not fit are refused") {
  const OneLayer add("Add");
  CHECK_THROWS_WITH(add.run({floats({2, 3}), floats({2})}),
                    "layer 'it' (Add): shapes 2x3 and 2 cannot be broadcast");
  CHECK_THROWS_WITH(add.run({floats({2}), integers({1, 2})}),
                    "layer 'it' (Add): input 0 is float32 and input 1 is int64");
  CHECK_THROWS_WITH(add.run({Tensor({DataType::boolean, {1}}), Tensor({DataType::boolean, {1}})}),
                    "layer 'it' (Add): inputs are bool, expected numbers");
  CHECK_THROWS_WITH(add.run({floats({2})}), "layer 'it' (Add): input 1 is missing");
  CHECK_THROWS_WITH(
      OneLayer("Mul", {}, {}, 6).run({floats({2}), floats({2})}),
      "layer 'it' (Mul): opset 6: only the broadcasting of opset 7 and later is supported");
  CHECK(add.work({floats({2}), floats({2})}).kind == LayerKind::elementwise);
}

}  // namespace offcut::ops::binary_test
