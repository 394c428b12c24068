#include <doctest/doctest.h>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::concat_test {
namespace {

OneLayer concat(std::int64_t axis) { return OneLayer("Concat", {}, {{"axis", axis}}); }

}  // namespace

TEST_CASE("concat: one after the other along the axis") {
  const Tensor a = floats({2, 1}, {1, 2});
  const Tensor b = floats({2, 2}, {3, 4, 5, 6});
  const auto y = concat(1).run({a, b, a});
  CHECK(y.shape() == Shape{2, 4});
  CHECK(values(y) == std::vector<float>{1, 3, 4, 1, 2, 5, 6, 2});
  CHECK(values(concat(-1).run({a, b})) == std::vector<float>{1, 3, 4, 2, 5, 6});
  CHECK(values(concat(0).run({b, floats({1, 2}, {7, 8})})) == std::vector<float>{3, 4, 5, 6, 7, 8});
  CHECK(values(concat(0).run({a})) == std::vector<float>{1, 2});
  CHECK(values(concat(1).run({a, floats({2, 0})})) == std::vector<float>{1, 2});
}

TEST_CASE("concat: any element type") {
  const auto y = concat(0).run({integers({1, 2}), integers({-3})});
  CHECK(std::vector(y.values<std::int64_t>().begin(), y.values<std::int64_t>().end()) ==
        std::vector<std::int64_t>{1, 2, -3});
}

TEST_CASE("concat: inputs that do not fit are refused") {
  CHECK_THROWS_WITH(concat(0).run({floats({2, 3}), floats({2, 2})}),
                    "layer 'it' (Concat): 2x3 and 2x2 differ in more than axis 0");
  CHECK_THROWS_WITH(concat(0).run({floats({2, 3}), floats({2})}),
                    "layer 'it' (Concat): 2x3 and 2 differ in more than axis 0");
  CHECK_THROWS_WITH(concat(0).run({floats({2}), integers({2})}),
                    "layer 'it' (Concat): input 0 is float32 and input 1 is int64");
  CHECK_THROWS_WITH(concat(1).run({floats({2})}),
                    "layer 'it' (Concat): axis 1 is out of range for 1 axes");
  CHECK_THROWS_WITH(concat(0).run({floats({2}), Tensor()}),
                    "layer 'it' (Concat): input 1 is missing");
  CHECK_THROWS_WITH(OneLayer("Concat").run({floats({2})}),
                    "layer 'it' (Concat): attribute 'axis' is missing");
  CHECK(concat(0).work({floats({2})}).kind == LayerKind::data_movement);
}

}  // namespace offcut::ops::concat_test
