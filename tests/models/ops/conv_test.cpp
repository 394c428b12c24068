#include <doctest/doctest.h>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::conv_test {

TEST_CASE("conv: two groups do not see each other's channels") {
  // x: two channels of 1x3; each group is one channel, kernel 1x2. Group 0 sums neighbours, group 1
  // takes differences.
  const OneLayer layer("Conv", {}, {{"group", std::int64_t{2}}});
  const auto y = layer.run({floats({1, 2, 1, 3}, {1, 2, 3, 10, 20, 40}),
                            floats({2, 1, 1, 2}, {1, 1, -1, 1}), floats({2}, {0, 100})});
  CHECK(y.shape() == Shape{1, 2, 1, 2});
  CHECK(values(y) == std::vector<float>{3, 5, 110, 120});
}

TEST_CASE("conv: dilation spreads the taps, stride skips positions, padding is zero") {
  // One channel of 1x5, kernel 1x2, dilation 3, stride 2, one zero before: reads positions (-1, 2)
  // and (1, 4).
  const OneLayer layer("Conv", {},
                       {{"dilations", std::vector<std::int64_t>{1, 3}},
                        {"strides", std::vector<std::int64_t>{1, 2}},
                        {"pads", std::vector<std::int64_t>{0, 1, 0, 0}}});
  const auto y = layer.run({floats({1, 1, 1, 5}, {1, 2, 3, 4, 5}), floats({1, 1, 1, 2}, {10, 1})});
  CHECK(values(y) == std::vector<float>{3, 25});
}

TEST_CASE("conv: inputs that do not fit are refused") {
  const OneLayer layer("Conv");
  CHECK_THROWS_WITH(layer.run({floats({1, 2, 3, 3}), floats({1, 3, 2, 2})}),
                    "layer 'it' (Conv): input 1x2x3x3 and weights 1x3x2x2 do not fit 1 groups");
  CHECK_THROWS_WITH(layer.run({floats({1, 1, 2, 2}), floats({1, 1, 3, 3})}),
                    "layer 'it' (Conv): a window of 3 does not fit into 2 with padding 0+0");
}

TEST_CASE("conv: one spatial axis") {
  // Two channels of 4, kernel 3 over both, one zero before: windows (0 1 2), (1 2 3), (2 3 4) of
  // the first with weights 1 10 100, the same of the second (5 to 8) with 1 each. 210 + 11, 321 +
  // 18, 432 + 21.
  const OneLayer layer("Conv", {}, {{"pads", std::vector<std::int64_t>{1, 0}}});
  const auto y = layer.run(
      {floats({1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8}), floats({1, 2, 3}, {1, 10, 100, 1, 1, 1})});
  CHECK(y.shape() == Shape{1, 1, 3});
  CHECK(values(y) == std::vector<float>{221, 339, 453});
  // One filter per channel: differences of neighbours, and sums.
  const OneLayer depthwise("Conv", {}, {{"group", std::int64_t{2}}});
  const std::vector<Tensor> inputs = {floats({1, 2, 3}, {1, 2, 4, 10, 20, 40}),
                                      floats({2, 1, 2}, {-1, 1, 1, 1})};
  CHECK(values(depthwise.run(inputs)) == std::vector<float>{1, 2, 30, 60});
  CHECK(depthwise.work(inputs).kind == LayerKind::depthwise_convolution);
  CHECK(depthwise.work(inputs).macs == 2 * 2 * 2);
}

TEST_CASE("conv: a group can have several channels in and out") {
  // 1x1 weights, two groups of two channels in and two out: sum and difference of the pair.
  const OneLayer layer("Conv", {}, {{"group", std::int64_t{2}}});
  const auto y =
      layer.run({floats({1, 4, 1}, {1, 2, 10, 30}), floats({4, 2, 1}, {1, 1, 1, -1, 1, 1, 1, -1})});
  CHECK(values(y) == std::vector<float>{3, -1, 40, -20});
}

TEST_CASE("conv: empty inputs and outputs") {
  const OneLayer layer("Conv");
  CHECK(layer.run({floats({0, 1, 3, 3}), floats({2, 1, 2, 2})}).shape() == Shape{0, 2, 2, 2});
  // No channels: only the bias remains.
  const auto y = layer.run({floats({1, 0, 2, 2}), floats({1, 0, 2, 2}), floats({1}, {5})});
  CHECK(values(y) == std::vector<float>{5});
}

TEST_CASE("conv: absurd sizes are refused before anything is computed") {
  const auto refuse = [](const char* why, const Shape& w,
                         const std::vector<std::pair<std::string, AttributeValue>>& attributes) {
    CHECK_THROWS_WITH(OneLayer("Conv", {}, attributes).run({floats({1, 2, 4}), floats(w)}), why);
  };
  refuse("layer 'it' (Conv): input 1x2x4 and weights 2x1x2 do not fit 4611686018427387905 groups",
         {2, 1, 2}, {{"group", (std::int64_t{1} << 62) + 1}});
  refuse("layer 'it' (Conv): the window is out of range", {2, 2, 0}, {});
  refuse("layer 'it' (Conv): attribute 'dilations' is out of range", {2, 2, 2},
         {{"dilations", std::vector<std::int64_t>{std::int64_t{1} << 60}}});
  refuse("layer 'it' (Conv): attribute 'strides' is out of range", {2, 2, 2},
         {{"strides", std::vector<std::int64_t>{0}}});
  refuse("layer 'it' (Conv): attribute 'pads' has 1 values, expected 2", {2, 2, 2},
         {{"pads", std::vector<std::int64_t>{1}}});
}

TEST_CASE("conv: float32 over one to three axes only") {
  const OneLayer layer("Conv");
  CHECK_THROWS_WITH(layer.run({floats({1, 1, 2, 2, 2, 2}), floats({1, 1, 1, 1, 1, 1})}),
                    "layer 'it' (Conv): input 1x1x2x2x2x2 and weights 1x1x1x1x1x1: expected 1 to 3 "
                    "spatial axes");
  CHECK_THROWS_WITH(layer.run({floats({1, 1, 2}), integers({1}).reshaped({1, 1, 1})}),
                    "layer 'it' (Conv): input 1 is int64, only float32 is supported");
}

TEST_CASE("conv: work") {
  // 4 x 3 outputs of 2x2 positions, each from 3 channels x 9 taps; 4*3*9 weights.
  const OneLayer layer("Conv", {1});
  const LayerWork work = layer.work({floats({1, 3, 4, 4}), floats({4, 3, 3, 3})});
  CHECK(work.macs == 4 * 4 * 27);
  CHECK(work.parameters == 108);
  CHECK(work.parameter_bytes == 432);
  CHECK(work.activation_bytes == 4 * (3 * 16 + 4 * 4));
  CHECK(work.kind == LayerKind::convolution);
}

}  // namespace offcut::ops::conv_test
