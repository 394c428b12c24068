#include <doctest/doctest.h>

#include <limits>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::comparison_test {
namespace {

using Numbers = std::vector<std::int64_t>;
using Bools = std::vector<bool>;

constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
constexpr auto kMost = std::numeric_limits<std::int64_t>::max();

template <class T>
std::vector<T> elements_of(const Tensor& tensor) {
  return {tensor.values<T>().begin(), tensor.values<T>().end()};
}

Tensor bools(const Bools& list) {
  Tensor tensor(TensorType{DataType::boolean, {static_cast<std::int64_t>(list.size())}});
  std::copy(list.begin(), list.end(), tensor.values<bool>().begin());
  return tensor;
}

Bools hold(const char* op, const Tensor& a, const Tensor& b) {
  return elements_of<bool>(OneLayer(op).run({a, b}));
}

Tensor scalar(std::int64_t value) { return integers({value}).reshaped({}); }

Tensor range(const Tensor& start, const Tensor& limit, const Tensor& delta) {
  return OneLayer("Range", {0, 1, 2}).run({start, limit, delta});
}

}  // namespace

TEST_CASE("comparisons: element by element, with broadcasting") {
  const Tensor a = floats({3}, {1, 2, 3});
  const Tensor two = floats({}, {2});
  CHECK(hold("Equal", a, two) == Bools{false, true, false});
  CHECK(hold("Less", a, two) == Bools{true, false, false});
  CHECK(hold("Greater", a, two) == Bools{false, false, true});
  CHECK(hold("LessOrEqual", a, two) == Bools{true, true, false});
  CHECK(hold("GreaterOrEqual", a, two) == Bools{false, true, true});
  CHECK(hold("Equal", integers({1, 2}), integers({2})) == Bools{false, true});
  CHECK(hold("Equal", bools({true, false}), bools({true})) == Bools{true, false});
  CHECK_THROWS_WITH(hold("Less", bools({true}), bools({true})),
                    "layer 'it' (Less): bools have no order");
}

TEST_CASE("logic: and, or, not") {
  const Tensor a = bools({false, false, true, true});
  const Tensor b = bools({false, true, false, true});
  CHECK(hold("And", a, b) == Bools{false, false, false, true});
  CHECK(hold("Or", a, b) == Bools{false, true, true, true});
  CHECK(hold("Xor", a, b) == Bools{false, true, true, false});
  CHECK(elements_of<bool>(OneLayer("Not").run({b})) == Bools{true, false, true, false});
  CHECK_THROWS_WITH(hold("And", integers({1}), integers({1})),
                    "layer 'it' (And): inputs are int64, expected bool");
  CHECK_THROWS_WITH(OneLayer("Not").run({integers({1})}),
                    "layer 'it' (Not): input 0 is int64, expected bool");
}

TEST_CASE("where: one of two, by a condition, all three broadcast") {
  const Tensor x = floats({2, 1}, {1, 2});
  const Tensor y = OneLayer("Where").run({bools({true, false}), x, floats({}, {9})});
  CHECK(y.shape() == Shape{2, 2});
  CHECK(values(y) == std::vector<float>{1, 9, 2, 9});
  CHECK_THROWS_WITH(OneLayer("Where").run({x, x, x}),
                    "layer 'it' (Where): the condition is float32, expected bool");
}

TEST_CASE("range: from start up or down to the limit, without it") {
  CHECK(elements_of<std::int64_t>(range(scalar(2), scalar(7), scalar(2))) == Numbers{2, 4, 6});
  CHECK(elements_of<std::int64_t>(range(scalar(2), scalar(-1), scalar(-1))) == Numbers{2, 1, 0});
  CHECK(range(scalar(2), scalar(2), scalar(1)).shape() == Shape{0});
  CHECK(values(range(floats({}, {1}), floats({}, {2}), floats({}, {0.5F}))) ==
        std::vector<float>{1, 1.5F});
  CHECK(elements_of<std::int64_t>(range(scalar(kLeast), scalar(kMost), scalar(kMost))) ==
        Numbers{kLeast, -1, kMost - 1});
  CHECK_THROWS_WITH(range(scalar(0), scalar(1), scalar(0)), "layer 'it' (Range): delta is 0");
  CHECK_THROWS_WITH_AS(range(scalar(kLeast), scalar(kMost), scalar(1)),
                       doctest::Contains("is too long"), std::invalid_argument);
  CHECK_THROWS_WITH(range(floats({}, {0}), floats({}, {1}), floats({}, {0})),
                    "layer 'it' (Range): the range 0 to 1 by 0 has no end");
}

TEST_CASE("pow: of real numbers and of integers") {
  const auto pow = [](const Tensor& a, const Tensor& b) { return OneLayer("Pow").run({a, b}); };
  CHECK(values(pow(floats({3}, {2, 3, 4}), floats({}, {2}))) == std::vector<float>{4, 9, 16});
  CHECK(values(pow(floats({1}, {4}), floats({}, {0.5F}))) == std::vector<float>{2});
  CHECK(values(pow(floats({2}, {2, 3}), integers({3, -1}))) == std::vector<float>{8, 1.0F / 3});
  CHECK(elements_of<std::int64_t>(pow(integers({3, -2}), integers({4, 3}))) == Numbers{81, -8});
  CHECK(elements_of<std::int64_t>(pow(integers({9}), floats({}, {0.5F}))) == Numbers{3});
  CHECK(elements_of<std::int64_t>(pow(integers({2}), integers({64}))) == Numbers{0});
  CHECK_THROWS_WITH(pow(integers({2}), integers({-1})),
                    "layer 'it' (Pow): an integer has a negative exponent");
}

TEST_CASE("many inputs: the smallest, the greatest, the sum, the mean") {
  const Tensor a = floats({2}, {1, 5});
  const Tensor b = floats({}, {3});
  const Tensor c = floats({2, 1}, {2, 6});
  const auto run_op = [&](const char* op) { return values(OneLayer(op).run({a, b, c})); };
  CHECK(run_op("Max") == std::vector<float>{3, 5, 6, 6});
  CHECK(run_op("Min") == std::vector<float>{1, 2, 1, 3});
  CHECK(run_op("Sum") == std::vector<float>{6, 10, 10, 14});
  CHECK(run_op("Mean") == std::vector<float>{2, 10.0F / 3, 10.0F / 3, 14.0F / 3});
  CHECK(values(OneLayer("Max").run({a})) == std::vector<float>{1, 5});
  CHECK(elements_of<std::int64_t>(OneLayer("Min").run({integers({1, 9}), integers({4})})) ==
        Numbers{1, 4});
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(values(OneLayer("Max").run({floats({1}, {nan}), floats({1}, {1})}))[0] !=
        values(OneLayer("Max").run({floats({1}, {nan}), floats({1}, {1})}))[0]);
}

TEST_CASE("prelu: a slope per channel") {
  const Tensor x = floats({1, 2, 2}, {1, -2, -3, 4});
  CHECK(values(OneLayer("PRelu").run({x, floats({2, 1}, {0.5F, 2})})) ==
        std::vector<float>{1, -1, -6, 4});
  CHECK_THROWS_WITH(OneLayer("PRelu").run({floats({2}), floats({3, 1})}),
                    "layer 'it' (PRelu): slope 3x1 does not fit input 2");
}

}  // namespace offcut::ops::comparison_test
