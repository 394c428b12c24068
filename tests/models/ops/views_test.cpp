#include <doctest/doctest.h>

#include <limits>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::views_test {
namespace {

Tensor boolean(bool value) { return Tensor({}, std::span<const bool>(&value, 1)); }

Shape flattened(std::int64_t axis, Shape shape) {
  return OneLayer("Flatten", {}, {{"axis", axis}}).run({floats(std::move(shape))}).shape();
}

Shape reshaped(Shape from, std::vector<std::int64_t> to, int opset = 13,
               std::int64_t allow_zero = 0) {
  const OneLayer layer("Reshape", {1}, {{"allowzero", allow_zero}}, opset);
  return layer.run({floats(std::move(from)), integers(std::move(to))}).shape();
}

}  // namespace

TEST_CASE("views: the output shares the elements of the input") {
  const Tensor x = floats({2, 3}, {1, 2, 3, 4, 5, 6});
  const auto shares = [&](const Tensor& y) { return y.bytes().data() == x.bytes().data(); };
  CHECK(shares(OneLayer("Identity").run({x})));
  CHECK(shares(OneLayer("Dropout").run({x})));
  CHECK(shares(OneLayer("Flatten").run({x})));
  CHECK(shares(OneLayer("Reshape", {1}).run({x, integers({6})})));
  CHECK(OneLayer("Identity").work({x}).kind == LayerKind::view);
  CHECK(OneLayer("Dropout").work({x}).kind == LayerKind::view);
  CHECK(OneLayer("Flatten").work({x}).kind == LayerKind::view);
  CHECK(OneLayer("Reshape", {1}).work({x, integers({6})}).kind == LayerKind::view);
}

TEST_CASE("views: any element type") {
  const Tensor flag = boolean(true);
  CHECK(OneLayer("Identity").run({flag}).type() == flag.type());
  CHECK(OneLayer("Flatten").run({integers({4, 5})}).type() == TensorType{DataType::int64, {2, 1}});
  CHECK(OneLayer("Reshape", {1}).run({flag, integers({1, 1})}).type() ==
        TensorType{DataType::boolean, {1, 1}});
}

TEST_CASE("flatten: axes before `axis` are rows") {
  CHECK(flattened(0, {2, 3, 4}) == Shape{1, 24});
  CHECK(flattened(1, {2, 3, 4}) == Shape{2, 12});
  CHECK(flattened(3, {2, 3, 4}) == Shape{24, 1});
  CHECK(flattened(-1, {2, 3, 4}) == Shape{6, 4});
  CHECK(flattened(-3, {2, 3, 4}) == Shape{1, 24});
  CHECK(flattened(0, {}) == Shape{1, 1});
  CHECK(flattened(1, {2, 0, 4}) == Shape{2, 0});
  CHECK_THROWS_WITH(flattened(4, {2, 3, 4}),
                    "layer 'it' (Flatten): axis 4 is out of range for 3 axes");
  CHECK_THROWS_WITH(flattened(-4, {2, 3, 4}),
                    "layer 'it' (Flatten): axis -4 is out of range for 3 axes");
  CHECK_THROWS_AS(flattened(std::numeric_limits<std::int64_t>::min(), {2}), std::invalid_argument);
}

TEST_CASE("reshape: 0 takes over the input's extent, -1 is the remaining extent") {
  CHECK(reshaped({2, 3, 4}, {4, 6}) == Shape{4, 6});
  CHECK(reshaped({2, 3, 4}, {0, -1}) == Shape{2, 12});
  CHECK(reshaped({2, 3, 4}, {-1, 0, 2}) == Shape{4, 3, 2});
  CHECK(reshaped({2, 3, 4}, {0, 0, 0}) == Shape{2, 3, 4});
  CHECK(reshaped({1}, {}).empty());
  CHECK(reshaped({0, 3}, {-1, 3}) == Shape{0, 3});
  CHECK(reshaped({0, 3}, {0, 5}) == Shape{0, 5});
}

TEST_CASE("reshape: with allowzero, known from opset 14 on, 0 is 0") {
  CHECK(reshaped({2, 0}, {0, 7}, 14, 1) == Shape{0, 7});
  CHECK(reshaped({2, 0}, {0, 0}, 14, 0) == Shape{2, 0});
  CHECK(reshaped({2, 0}, {0, 0}, 14, 1) == Shape{0, 0});
  CHECK(reshaped({2, 0}, {0, 0}, 13, 1) == Shape{2, 0});
  CHECK_THROWS_WITH(reshaped({2, 0}, {0, -1}, 14, 1),
                    "layer 'it' (Reshape): shape 0x-1 has both 0 and -1 with allowzero");
}

TEST_CASE("reshape: the shape is an attribute up to opset 4") {
  const OneLayer layer("Reshape", {}, {{"shape", std::vector<std::int64_t>{3, -1}}}, 4);
  CHECK(layer.run({floats({6})}).shape() == Shape{3, 2});
  CHECK_THROWS_WITH(OneLayer("Reshape", {}, {}, 4).run({floats({6})}),
                    "layer 'it' (Reshape): attribute 'shape' is missing");
}

TEST_CASE("reshape: inputs that do not fit are refused") {
  CHECK_THROWS_WITH(reshaped({2, 3}, {4}), "layer 'it' (Reshape): 2x3 cannot be reshaped to 4");
  CHECK_THROWS_WITH(reshaped({2, 3}, {4, -1}),
                    "layer 'it' (Reshape): 2x3 cannot be reshaped to 4x-1");
  CHECK_THROWS_WITH(
      reshaped({2, 3}, {-1, -1}),
      "layer 'it' (Reshape): shape -1x-1 has more than one -1 or other negative extents");
  CHECK_THROWS_WITH(
      reshaped({2, 3}, {-2, -3}),
      "layer 'it' (Reshape): shape -2x-3 has more than one -1 or other negative extents");
  CHECK_THROWS_WITH(reshaped({2, 3}, {2, 3, 0}),
                    "layer 'it' (Reshape): extent 0 at place 2 has no counterpart in 2x3");
  CHECK_THROWS_WITH(reshaped({0, 3}, {0, -1}),
                    "layer 'it' (Reshape): 0x3 cannot be reshaped to 0x-1");
  const OneLayer unknown("Reshape");
  CHECK_THROWS_WITH(
      unknown.run({floats({2}), integers({2})}),
      "layer 'it' (Reshape): input 1 must be a constant: shapes depend on it. If it is an input of "
      "the network, or follows from one, fix that with --fix NAME=VALUE");
  CHECK_THROWS_WITH(OneLayer("Reshape", {1}).run({floats({2}), floats({1})}),
                    "layer 'it' (Reshape): input 1 must be int64 or int32, not float32");
  CHECK_THROWS_WITH(OneLayer("Reshape", {1}).run({floats({2}), integers({2}).reshaped({1, 1})}),
                    "layer 'it' (Reshape): the shape is int64 1x1, expected a list");
}

TEST_CASE("dropout: inference is the input itself in every opset") {
  const Tensor x = floats({2}, {1, 2});
  const std::vector<float> same = {1, 2};
  CHECK(values(OneLayer("Dropout", {}, {{"is_test", std::int64_t{1}}}, 6).run({x})) == same);
  CHECK(values(OneLayer("Dropout", {}, {{"ratio", 0.9F}}, 7).run({x})) == same);
  CHECK(values(OneLayer("Dropout", {1}).run({x, floats({}, {0.9F})})) == same);
  CHECK(values(OneLayer("Dropout", {2}).run({x, Tensor(), boolean(false)})) == same);
}

TEST_CASE("dropout: training is refused") {
  const Tensor x = floats({2});
  CHECK_THROWS_WITH(OneLayer("Dropout", {}, {}, 6).run({x}),
                    "layer 'it' (Dropout): training is not supported");
  CHECK_THROWS_WITH(OneLayer("Dropout", {2}).run({x, Tensor(), boolean(true)}),
                    "layer 'it' (Dropout): training is not supported");
  CHECK_THROWS_WITH(OneLayer("Dropout").run({x, Tensor(), boolean(false)}),
                    "layer 'it' (Dropout): training_mode must be a constant");
  CHECK_THROWS_WITH(
      OneLayer("Dropout", {2}).run({x, Tensor(), floats({})}),
      "layer 'it' (Dropout): training_mode is float32 scalar, expected a bool scalar");
  CHECK_THROWS_WITH(OneLayer("Dropout", {}, {}, 10).run({x, floats({})}),
                    "layer 'it' (Dropout): input 1 is given, but the operator takes at most 1");
}

}  // namespace offcut::ops::views_test
