// Operators of opsets 18 to 23, and forms that came with them. Expected values are computed by hand
// or by naive loops over ONNX's text.

#include <doctest/doctest.h>

#include <cmath>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::newer_test {
namespace {

using Settings = std::vector<std::pair<std::string, AttributeValue>>;

std::pair<std::string, AttributeValue> word(const char* name, const char* value) {
  return {name, std::string(value)};
}
std::pair<std::string, AttributeValue> whole(const char* name, std::int64_t value) {
  return {name, value};
}

Tensor sized(const Tensor& x, const std::vector<std::int64_t>& sizes, const Settings& attributes,
             int opset = 19) {
  return OneLayer("Resize", {3}, attributes, opset).run({x, Tensor(), Tensor(), integers(sizes)});
}

void check_close(const std::vector<float>& got, const std::vector<double>& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    CHECK(got[i] == doctest::Approx(expected[i]).epsilon(1e-6));
  }
}

}  // namespace

TEST_CASE("resize: some axes, and sizes that keep the aspect ratio") {
  const Tensor x = floats({1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8});
  const std::vector<std::int64_t> axes = {2};
  CHECK(values(sized(x, {2}, {{"axes", axes}, word("nearest_mode", "floor")})) ==
        std::vector<float>{1, 3, 5, 7});
  const std::vector<std::int64_t> both = {1, 2};
  const auto kept = [&](const char* policy) {
    return sized(x, {4, 4}, {{"axes", both}, word("keep_aspect_ratio_policy", policy)}).shape();
  };
  CHECK(kept("not_larger") == Shape{1, 2, 4});  // Scales 2 and 1: the smaller one.
  CHECK(kept("not_smaller") == Shape{1, 4, 8});
  CHECK(kept("stretch") == Shape{1, 4, 4});
}

TEST_CASE("resize: a linear blend without aliasing") {
  // Half as long: position 0 lies at 0.5; elements at distances 0.5 and 1.5 have weights 0.75 and
  // 0.25 of a triangle that is twice as wide. The outermost element stands for those outside.
  const Tensor x = floats({8}, {1, 2, 3, 4, 5, 6, 7, 8});
  const auto y = values(sized(x, {4}, {word("mode", "linear"), whole("antialias", 1)}));
  check_close(y, {(0.25 * 1 + 0.75 * 1 + 0.75 * 2 + 0.25 * 3) / 2,
                  (0.25 * 2 + 0.75 * 3 + 0.75 * 4 + 0.25 * 5) / 2,
                  (0.25 * 4 + 0.75 * 5 + 0.75 * 6 + 0.25 * 7) / 2,
                  (0.25 * 6 + 0.75 * 7 + 0.75 * 8 + 0.25 * 8) / 2});
  const auto inside = values(
      sized(x, {4}, {word("mode", "linear"), whole("antialias", 1), whole("exclude_outside", 1)}));
  CHECK(inside[0] == doctest::Approx((0.75 * 1 + 0.75 * 2 + 0.25 * 3) / 1.75));
  // An enlarged image is the same with and without.
  const Tensor two = floats({2}, {1, 2});
  CHECK(values(sized(two, {4}, {word("mode", "linear"), whole("antialias", 1)})) ==
        std::vector<float>{1, 1.25F, 1.75F, 2});
}

TEST_CASE("resize: tf_half_pixel_for_nn reads at (p + 0.5) / scale") {
  const Tensor x = floats({4}, {1, 2, 3, 4});  // At 1 and 3.
  CHECK(values(sized(x, {2},
                     {word("coordinate_transformation_mode", "tf_half_pixel_for_nn"),
                      word("nearest_mode", "floor")},
                     11)) == std::vector<float>{2, 4});
}

TEST_CASE("pad: some axes, and the other end's elements") {
  const OneLayer wrap("Pad", {1, 3}, {word("mode", "wrap")}, 19);
  CHECK(values(wrap.run({floats({3}, {1, 2, 3}), integers({2, 1}), Tensor(), integers({0})})) ==
        std::vector<float>{2, 3, 1, 2, 3, 1});
}

TEST_CASE("scatter: the greater or smaller element") {
  const Tensor x = floats({3}, {1, 5, 3});
  const auto scattered = [&](const char* reduction) {
    const OneLayer layer("ScatterElements", {1}, {word("reduction", reduction)}, 18);
    return values(layer.run({x, integers({0, 1, 1}), floats({3}, {2, 9, 4})}));
  };
  CHECK(scattered("max") == std::vector<float>{2, 9, 3});
  CHECK(scattered("min") == std::vector<float>{1, 4, 3});
}

TEST_CASE("group normalisation: scales belong to groups in opset 18, to channels in 21") {
  const Tensor x = floats({1, 4, 1}, {1, 3, 10, 30});
  const auto run = [&](int opset, const std::vector<float>& scale, const std::vector<float>& bias) {
    const auto n = static_cast<std::int64_t>(scale.size());
    return values(
        OneLayer("GroupNormalization", {1, 2}, {whole("num_groups", 2), {"epsilon", 0.0F}}, opset)
            .run({x, floats({n}, scale), floats({n}, bias)}));
  };
  check_close(run(18, {2, 3}, {0, 1}), {-2, 2, -2, 4});
  check_close(run(21, {1, 2, 3, 4}, {0, 0, 1, 1}), {-1, 2, -2, 5});
}

TEST_CASE("RMS normalisation: divided by the root of the mean square") {
  const OneLayer layer("RMSNormalization", {1}, {{"epsilon", 0.0F}}, 23);
  check_close(
      values(layer.run({floats({2, 2}, {3, 4, 6, 8}), floats({2}, {1, 2})})),
      {3 / std::sqrt(12.5), 8 / std::sqrt(12.5), 6 / std::sqrt(50.0), 16 / std::sqrt(50.0)});
}

TEST_CASE("gelu and mish") {
  const Tensor x = floats({3}, {-1, 0, 2});
  check_close(values(OneLayer("Gelu", {}, {}, 20).run({x})), {-0.15865525, 0, 1.9544997});
  check_close(values(OneLayer("Gelu", {}, {word("approximate", "tanh")}, 20).run({x})),
              {-0.15880801, 0, 1.9545977});
  check_close(
      values(OneLayer("Mish", {}, {}, 18).run({x})),
      {-std::tanh(std::log1p(std::exp(-1.0))), 0, 2 * std::tanh(std::log1p(std::exp(2.0)))});
}

TEST_CASE("bitwise operators") {
  const auto run = [](const char* op) {
    const Tensor y = OneLayer(op, {}, {}, 18).run({integers({12, -1}), integers({10, 5})});
    return std::vector<std::int64_t>{y.values<std::int64_t>().begin(),
                                     y.values<std::int64_t>().end()};
  };
  CHECK(run("BitwiseAnd") == std::vector<std::int64_t>{8, 5});
  CHECK(run("BitwiseOr") == std::vector<std::int64_t>{14, -1});
  CHECK(run("BitwiseXor") == std::vector<std::int64_t>{6, -6});
  const Tensor inverse = OneLayer("BitwiseNot", {}, {}, 18).run({integers({0, 5})});
  CHECK(inverse.values<std::int64_t>()[1] == -6);
}

TEST_CASE("center crop and pad: an odd element is cut off, or added, at the end") {
  const OneLayer layer("CenterCropPad", {1}, {}, 18);
  CHECK(values(layer.run({floats({4}, {1, 2, 3, 4}), integers({1})})) == std::vector<float>{2});
  CHECK(values(layer.run({floats({2}, {1, 2}), integers({5})})) ==
        std::vector<float>{0, 1, 2, 0, 0});
}

TEST_CASE("col2im: overlapping windows are added up") {
  // Windows of 2 over 3 places at stride 1: the place in the middle is in both.
  const OneLayer layer("Col2Im", {1, 2}, {}, 18);
  CHECK(values(layer.run({floats({1, 2, 2}, {1, 2, 3, 4}), integers({3}), integers({2})})) ==
        std::vector<float>{1, 5, 4});
}

TEST_CASE("deformable convolution: with offsets of 0 a convolution, and moved by whole elements") {
  const Tensor x = floats({1, 1, 1, 4}, {1, 2, 3, 4});
  const Tensor w = floats({1, 1, 1, 2}, {10, 1});
  const OneLayer layer("DeformConv", {1}, {}, 19);
  CHECK(values(layer.run({x, w, floats({1, 4, 1, 3})})) == std::vector<float>{12, 23, 34});
  // The second tap reads half an element further right; beyond the image there is 0.
  std::vector<float> offsets(12, 0);
  std::fill(offsets.begin() + 9, offsets.end(), 0.5F);  // Tap 1, horizontal.
  CHECK(values(layer.run({x, w, floats({1, 4, 1, 3}, offsets)})) ==
        std::vector<float>{12.5F, 23.5F, 32});
}

TEST_CASE("affine grid: the identity reads each element where it is") {
  const OneLayer grid("AffineGrid", {1}, {}, 20);
  const Tensor theta = floats({1, 2, 3}, {1, 0, 0, 0, 1, 0});
  check_close(values(grid.run({theta, integers({1, 1, 1, 2})})), {-0.5, 0, 0.5, 0});
  const Tensor solid = floats({1, 3, 4}, {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0});
  const Tensor x = floats({1, 1, 2, 1, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor places = grid.run({solid, integers({1, 1, 2, 1, 3})});
  for (const char* mode : {"linear", "nearest"}) {
    const auto y = values(OneLayer("GridSample", {}, {word("mode", mode)}, 20).run({x, places}));
    check_close(y, {1, 2, 3, 4, 5, 6});
  }
}

TEST_CASE("quantisation in blocks, and the type of the result") {
  const Tensor x = floats({1, 4}, {1, 2, 30, 40});
  const Tensor scale = floats({1, 2}, {1, 10});
  const OneLayer quantize("QuantizeLinear", {1},
                          {whole("axis", 1), whole("block_size", 2), whole("output_dtype", 3)}, 21);
  const Tensor q = quantize.run({x, scale});
  CHECK(q.type().type == DataType::int8);
  CHECK(std::vector<int>(q.values<std::int8_t>().begin(), q.values<std::int8_t>().end()) ==
        std::vector<int>{1, 2, 3, 4});
  const OneLayer back("DequantizeLinear", {1}, {whole("axis", 1), whole("block_size", 2)}, 21);
  CHECK(values(back.run({q, scale})) == values(x));
}

TEST_CASE("the greatest of bools") {
  Tensor x(TensorType{DataType::boolean, {2, 2}});
  x.values<bool>()[1] = true;
  const Tensor y = OneLayer("ReduceMax", {1}, {whole("keepdims", 0)}, 20).run({x, integers({1})});
  CHECK(y.type() == TensorType{DataType::boolean, {2}});
  CHECK(y.values<bool>()[0]);
  CHECK_FALSE(y.values<bool>()[1]);
}

}  // namespace offcut::ops::newer_test
