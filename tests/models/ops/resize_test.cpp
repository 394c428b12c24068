#include <doctest/doctest.h>

#include <limits>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::resize_test {
namespace {

using Settings = std::vector<std::pair<std::string, AttributeValue>>;

std::pair<std::string, AttributeValue> text(const char* name, const char* value) {
  return {name, std::string(value)};
}

Tensor scaled(const Tensor& x, const std::vector<float>& scales, const Settings& attributes) {
  const auto count = static_cast<std::int64_t>(scales.size());
  return OneLayer("Resize", {1, 2}, attributes).run({x, Tensor(), floats({count}, scales)});
}

Tensor sized(const Tensor& x, const std::vector<std::int64_t>& sizes, const Settings& attributes) {
  return OneLayer("Resize", {3}, attributes).run({x, Tensor(), Tensor(), integers(sizes)});
}

}  // namespace

TEST_CASE("resize: the nearest element") {
  const Tensor x = floats({1, 4}, {1, 2, 3, 4});
  CHECK(values(scaled(floats({2}, {1, 2}), {2}, {})) == std::vector<float>{1, 1, 2, 2});
  const auto halved = [&](const char* nearest) {
    return values(scaled(x, {1, 0.5F}, {text("nearest_mode", nearest)}));  // At 0.5 and 2.5.
  };
  CHECK(halved("round_prefer_floor") == std::vector<float>{1, 3});
  CHECK(halved("round_prefer_ceil") == std::vector<float>{2, 4});
  CHECK(halved("floor") == std::vector<float>{1, 3});
  CHECK(halved("ceil") == std::vector<float>{2, 4});
  const Tensor both = sized(floats({2, 1}, {1, 2}), {4, 2}, {});
  CHECK(values(both) == std::vector<float>{1, 1, 1, 1, 2, 2, 2, 2});
}

TEST_CASE("resize: linear, with every rule that maps positions") {
  const Tensor x = floats({2}, {1, 2});
  const auto linear = [&](const char* coordinates) {
    return values(scaled(
        x, {2}, {text("mode", "linear"), text("coordinate_transformation_mode", coordinates)}));
  };
  CHECK(linear("half_pixel") == std::vector<float>{1, 1.25F, 1.75F, 2});
  CHECK(linear("pytorch_half_pixel") == std::vector<float>{1, 1.25F, 1.75F, 2});
  CHECK(linear("asymmetric") == std::vector<float>{1, 1.5F, 2, 2});
  const auto corners = linear("align_corners");
  CHECK(corners[1] == doctest::Approx(4.0 / 3));
  CHECK(corners[3] == 2);
  const Tensor four = floats({4}, {1, 2, 3, 4});
  const auto one = [&](const char* coordinates) {
    return values(sized(
        four, {1}, {text("mode", "linear"), text("coordinate_transformation_mode", coordinates)}));
  };
  CHECK(one("half_pixel") == std::vector<float>{2.5F});
  CHECK(one("pytorch_half_pixel") == std::vector<float>{1});
  CHECK(one("align_corners") == std::vector<float>{1});
}

TEST_CASE("resize: align_corners uses the number of elements, even if the scale was rounded") {
  // 4 * 0.6 = 2.4 elements become 2: the first and the last, as in PyTorch and ONNX Runtime.
  const Tensor x = floats({4}, {1, 2, 3, 4});
  CHECK(values(scaled(
            x, {0.6F},
            {text("mode", "linear"), text("coordinate_transformation_mode", "align_corners")})) ==
        std::vector<float>{1, 4});
}

TEST_CASE("resize: cubics pass through the elements and keep straight lines") {
  const Tensor x = floats({6}, {0, 1, 2, 3, 4, 5});
  const auto y = values(scaled(
      x, {2}, {text("mode", "cubic"), text("coordinate_transformation_mode", "asymmetric")}));
  CHECK(y[4] == 2);
  CHECK(y[5] == doctest::Approx(2.5));
}

TEST_CASE("resize: older forms") {
  const Tensor x = floats({4}, {1, 2, 3, 4});
  const OneLayer ten("Resize", {1}, {}, 10);
  CHECK(values(ten.run({floats({2}, {1, 2}), floats({1}, {2})})) == std::vector<float>{1, 1, 2, 2});
  CHECK(values(ten.run({x, floats({1}, {0.75F})})) == std::vector<float>{1, 3, 4});
  const OneLayer seven("Upsample", {}, {{"scales", std::vector<float>{2}}}, 7);
  CHECK(values(seven.run({floats({2}, {1, 2})})) == std::vector<float>{1, 1, 2, 2});
  const OneLayer nine("Upsample", {1}, {text("mode", "linear")}, 9);
  CHECK(values(nine.run({floats({2}, {1, 2}), floats({1}, {2})})) ==
        std::vector<float>{1, 1.5F, 2, 2});
}

TEST_CASE("resize: inputs that do not fit are refused") {
  const Tensor x = floats({2}, {1, 2});
  CHECK_THROWS_WITH(scaled(x, {2, 2}, {}),
                    "layer 'it' (Resize): 2 scales or sizes are given for 1 axes");
  CHECK_THROWS_WITH(scaled(x, {-1}, {}), "layer 'it' (Resize): an extent of 2 is scaled by -1");
  CHECK_THROWS_AS(scaled(x, {std::numeric_limits<float>::quiet_NaN()}, {}), std::invalid_argument);
  CHECK_THROWS_AS(sized(x, {-1}, {}), std::invalid_argument);
  CHECK_THROWS_WITH(sized(x, {4}, {text("mode", "quintic")}),
                    "layer 'it' (Resize): mode 'quintic' is not supported");
  CHECK_THROWS_WITH(OneLayer("Resize").run({x}),
                    "layer 'it' (Resize): one of scales and sizes must be given");
}

}  // namespace offcut::ops::resize_test
