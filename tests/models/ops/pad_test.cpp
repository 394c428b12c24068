#include <doctest/doctest.h>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::pad_test {
namespace {

OneLayer pad(const std::string& mode = "constant") {
  return OneLayer("Pad", {1, 2}, {{"mode", mode}});
}

std::vector<float> pad_row(const std::string& mode, std::vector<float> x, std::int64_t begin,
                           std::int64_t end) {
  return values(
      pad(mode).run({floats({static_cast<std::int64_t>(x.size())}, x), integers({begin, end})}));
}

}  // namespace

TEST_CASE("pad: three ways to fill a margin") {
  CHECK(pad_row("constant", {1, 2, 3}, 2, 1) == std::vector<float>{0, 0, 1, 2, 3, 0});
  CHECK(pad_row("reflect", {1, 2, 3}, 2, 1) == std::vector<float>{3, 2, 1, 2, 3, 2});
  CHECK(pad_row("edge", {1, 2, 3}, 2, 1) == std::vector<float>{1, 1, 1, 2, 3, 3});
}

TEST_CASE("pad: negative amounts crop, before anything is filled") {
  CHECK(pad_row("constant", {1, 2, 3}, -1, 0) == std::vector<float>{2, 3});
  CHECK(pad_row("constant", {1, 2, 3}, -1, 2) == std::vector<float>{2, 3, 0, 0});
  CHECK(pad_row("edge", {1, 2, 3}, 1, -2) == std::vector<float>{1, 1});
  CHECK(pad_row("reflect", {1, 2, 3, 4}, 2, -1) == std::vector<float>{3, 2, 1, 2, 3});
  CHECK(pad_row("constant", {1, 2}, -1, -1).empty());
}

TEST_CASE("pad: axes are padded one within the other") {
  // 2x2, one row above, one column to the right.
  const Tensor x = floats({2, 2}, {1, 2, 3, 4});
  const Tensor pads = integers({1, 0, 0, 1});
  CHECK(pad().run({x, pads}).shape() == Shape{3, 3});
  CHECK(values(pad().run({x, pads, floats({}, {9})})) ==
        std::vector<float>{9, 9, 9, 1, 2, 9, 3, 4, 9});
  CHECK(values(pad("reflect").run({x, pads})) == std::vector<float>{3, 4, 3, 1, 2, 1, 3, 4, 3});
  CHECK(values(pad("edge").run({x, pads})) == std::vector<float>{1, 2, 2, 1, 2, 2, 3, 4, 4});
}

TEST_CASE("pad: amounts and value are attributes up to opset 10") {
  const std::vector<std::int64_t> pads = {1, 0};
  CHECK(
      values(OneLayer("Pad", {}, {{"pads", pads}, {"value", 5.0F}}, 10).run({floats({1}, {1})})) ==
      std::vector<float>{5, 1});
  CHECK(values(OneLayer("Pad", {}, {{"paddings", pads}}, 1).run({floats({1}, {1})})) ==
        std::vector<float>{0, 1});
  CHECK_THROWS_WITH(OneLayer("Pad", {}, {}, 10).run({floats({1})}),
                    "layer 'it' (Pad): attribute 'pads' is missing");
}

TEST_CASE("pad: any element type, with a value of the same") {
  const auto y = pad().run({integers({1, 2}), integers({0, 1}), integers({-7}).reshaped({})});
  CHECK(std::vector(y.values<std::int64_t>().begin(), y.values<std::int64_t>().end()) ==
        std::vector<std::int64_t>{1, 2, -7});
  CHECK_THROWS_WITH(pad().run({integers({1, 2}), integers({0, 1}), floats({})}),
                    "layer 'it' (Pad): input 0 is int64 and input 2 is float32");
  CHECK_THROWS_WITH(pad().run({floats({1}), integers({0, 1}), floats({2})}),
                    "layer 'it' (Pad): the fill value is float32 2, expected a scalar");
}

TEST_CASE("pad: inputs that do not fit are refused") {
  CHECK_THROWS_WITH(pad_row("reflect", {1, 2, 3}, 3, 0),
                    "layer 'it' (Pad): padding 3+0 reaches beyond the 2 elements to copy");
  CHECK_THROWS_WITH(pad_row("edge", {1}, -1, 1),
                    "layer 'it' (Pad): padding -1+1 reaches beyond the 0 elements to copy");
  CHECK_THROWS_WITH(pad_row("constant", {1}, -1, -1),
                    "layer 'it' (Pad): padding -1+-1 crops more than 1 elements");
  CHECK_THROWS_WITH(
      pad_row("wrap", {1}, 1, 1),
      "layer 'it' (Pad): mode 'wrap' is not supported, only constant, reflect, edge and (from "
      "opset 19 on) wrap");
  CHECK_THROWS_WITH(pad().run({floats({1}), integers({1, 2, 3})}),
                    "layer 'it' (Pad): 3 amounts of padding for 1 axes, expected 2");
  CHECK_THROWS_WITH(pad().run({floats({1}), integers({std::int64_t{1} << 62, 0})}),
                    "layer 'it' (Pad): an amount of padding is out of range");
  CHECK_THROWS_WITH(pad().run({floats({1}), integers({0, 0}), Tensor(), integers({0})}),
                    "layer 'it' (Pad): input 3 is given, but the operator takes at most 3");
  CHECK(pad().work({floats({1}), integers({0, 0})}).kind == LayerKind::data_movement);
}

}  // namespace offcut::ops::pad_test
