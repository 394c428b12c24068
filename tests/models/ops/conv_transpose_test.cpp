#include <doctest/doctest.h>

#include <limits>
#include <numeric>
#include <random>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::conv_transpose_test {
namespace {

using Numbers = std::vector<std::int64_t>;
using Settings = std::vector<std::pair<std::string, AttributeValue>>;

/// Runs ConvTranspose on x = (1, 2) with the window (1, 10, 100).
std::vector<float> spread(const Settings& attributes) {
  return values(OneLayer("ConvTranspose", {}, attributes)
                    .run({floats({1, 1, 2}, {1, 2}), floats({1, 1, 3}, {1, 10, 100})}));
}

Tensor random_numbers(Shape shape, std::mt19937& random) {
  Tensor tensor = floats(std::move(shape));
  for (float& x : tensor.values<float>()) {
    x = static_cast<float>(random() % 9) - 4;
  }
  return tensor;
}

double dot(const Tensor& a, const Tensor& b) {
  const auto x = a.values<float>();
  return std::inner_product(x.begin(), x.end(), b.values<float>().begin(), 0.0);
}

}  // namespace

TEST_CASE("conv transpose: each element spreads over its window") {
  CHECK(spread({}) == std::vector<float>{1, 12, 120, 200});
  const std::pair<std::string, AttributeValue> two = {"strides", Numbers{2}};
  CHECK(spread({two}) == std::vector<float>{1, 10, 102, 20, 200});
  CHECK(spread({two, {"pads", Numbers{1, 1}}}) == std::vector<float>{10, 102, 20});
  CHECK(spread({two, {"output_padding", Numbers{1}}}) ==
        std::vector<float>{1, 10, 102, 20, 200, 0});
  CHECK(spread({two, {"output_shape", Numbers{4}}}) == std::vector<float>{10, 102, 20, 200});
  CHECK(spread({two, {"auto_pad", std::string("SAME_UPPER")}}) ==
        std::vector<float>{1, 10, 102, 20});
  CHECK(spread({two, {"auto_pad", std::string("SAME_LOWER")}}) ==
        std::vector<float>{10, 102, 20, 200});
  CHECK(spread({{"dilations", Numbers{2}}}) == std::vector<float>{1, 2, 10, 20, 100, 200});
}

TEST_CASE("conv transpose: channels, groups and a bias") {
  const Tensor x = floats({1, 2, 1}, {1, 2});
  const Tensor w = floats({2, 1, 2}, {1, 2, 3, 4});
  CHECK(values(OneLayer("ConvTranspose").run({x, w})) == std::vector<float>{7, 10});
  const OneLayer grouped("ConvTranspose", {}, {{"group", std::int64_t{2}}});
  CHECK(values(grouped.run({x, w})) == std::vector<float>{1, 2, 6, 8});
  CHECK(values(grouped.run({x, w, floats({2}, {10, 20})})) == std::vector<float>{11, 12, 26, 28});
  CHECK(grouped.work({x, w}).macs == 4);
}

TEST_CASE("conv transpose: is Conv's adjoint") {
  std::mt19937 random(3);
  const Settings attributes = {{"strides", Numbers{2, 2}},
                               {"dilations", Numbers{1, 3}},
                               {"pads", Numbers{1, 0, 1, 0}},
                               {"group", std::int64_t{2}}};
  const Tensor x = random_numbers({2, 4, 7, 8}, random);
  const Tensor w = random_numbers({6, 2, 3, 2}, random);
  const Tensor y = random_numbers({2, 6, 4, 3}, random);
  const Tensor forth = OneLayer("Conv", {}, attributes).run({x, w});
  const Tensor back = OneLayer("ConvTranspose", {}, attributes).run({y, w});
  REQUIRE(forth.shape() == y.shape());
  REQUIRE(back.shape() == x.shape());
  CHECK(dot(forth, y) == dot(x, back));
}

TEST_CASE("conv transpose: over three axes") {
  const Tensor x = floats({1, 1, 1, 1, 2}, {1, 2});
  const Tensor w = floats({1, 1, 2, 1, 1}, {1, 10});
  const Tensor y = OneLayer("ConvTranspose").run({x, w});
  CHECK(y.shape() == Shape{1, 1, 2, 1, 2});
  CHECK(values(y) == std::vector<float>{1, 2, 10, 20});
}

TEST_CASE("conv transpose: inputs that do not fit are refused") {
  CHECK_THROWS_WITH(spread({{"pads", Numbers{2, 2}}}),
                    "layer 'it' (ConvTranspose): padding 2+2 leaves none of 4 elements");
  CHECK_THROWS_WITH(
      spread({{"group", std::int64_t{2}}}),
      "layer 'it' (ConvTranspose): input 1x1x2 and weights 1x1x3 do not fit 2 groups");
  CHECK_THROWS_WITH(
      OneLayer("ConvTranspose").run({floats({1, 1, 2}), floats({1, 1, 3}), floats({2})}),
      "layer 'it' (ConvTranspose): bias 2 does not fit 1 outputs");
  CHECK_THROWS_WITH(spread({{"auto_pad", std::string("MORE")}}),
                    "layer 'it' (ConvTranspose): attribute 'auto_pad' is 'MORE'");
}

}  // namespace offcut::ops::conv_transpose_test
