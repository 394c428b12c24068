#include <doctest/doctest.h>

#include "tests/models/ops/one_layer.h"

namespace offcut {

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

TEST_CASE("conv: what does not fit is refused") {
  const OneLayer layer("Conv");
  CHECK_THROWS_WITH(layer.run({floats({1, 2, 3, 3}), floats({1, 3, 2, 2})}),
                    "layer 'it' (Conv): input 1x2x3x3 and weights 1x3x2x2 do not fit 1 groups");
  CHECK_THROWS_WITH(layer.run({floats({1, 1, 2, 2}), floats({1, 1, 3, 3})}),
                    "layer 'it' (Conv): a window of 3 does not fit into 2 with padding 0+0");
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

}  // namespace offcut
