#include <doctest/doctest.h>

#include <cmath>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::batch_normalization_test {
namespace {

OneLayer layer(int opset = 13, float epsilon = 1) {
  return OneLayer("BatchNormalization", {1, 2, 3, 4}, {{"epsilon", epsilon}}, opset);
}

/// Channel 0: (x - 1) / sqrt(3 + 1) * 4 + 10 = 2x + 8. Channel 1: (x + 1) / sqrt(0 + 1) - 1 = x.
std::vector<Tensor> two_channels(Tensor x) {
  return {std::move(x), floats({2}, {4, 1}), floats({2}, {10, -1}), floats({2}, {1, -1}),
          floats({2}, {3, 0})};
}

}  // namespace

TEST_CASE("batch normalization: scale, bias, mean and variance belong to a channel") {
  const Tensor x = floats({2, 2, 2}, {1, 2, 1, 2, 3, 4, 3, 4});
  for (const int opset : {7, 9, 14, 15}) {
    CHECK(values(layer(opset).run(two_channels(x))) ==
          std::vector<float>{10, 12, 1, 2, 14, 16, 3, 4});
  }
  // Without spatial axes.
  CHECK(values(layer().run(two_channels(floats({1, 2}, {5, 6})))) == std::vector<float>{18, 6});
}

TEST_CASE("batch normalization: a vector is one channel") {
  const auto y = layer().run({floats({3}, {1, 2, 3}), floats({1}, {4}), floats({1}, {10}),
                              floats({1}, {1}), floats({1}, {3})});
  CHECK(values(y) == std::vector<float>{10, 12, 14});
}

TEST_CASE("batch normalization: a large mean costs no digits") {
  // x - mean is exactly 1. Folded into x * scale + (0 - mean * scale), mean * scale = 1000000.1
  // would become 1000000.125, the nearest float.
  const auto y = layer(13, 0).run({floats({1, 1}, {10000002}), floats({1}, {0.1F}),
                                   floats({1}, {0}), floats({1}, {10000001}), floats({1}, {1})});
  CHECK(values(y).front() == 0.1F);
}

TEST_CASE("batch normalization: epsilon is 1e-5 by default") {
  const OneLayer plain("BatchNormalization");
  const auto y = plain.run({floats({1, 1}, {1}), floats({1}, {1}), floats({1}, {0}),
                            floats({1}, {0}), floats({1}, {0})});
  CHECK(values(y).front() == doctest::Approx(1 / std::sqrt(1e-5)).epsilon(1e-6));
}

TEST_CASE("batch normalization: training and inputs that do not fit are refused") {
  const std::vector<Tensor> inputs = two_channels(floats({1, 2, 3}));
  CHECK_THROWS_WITH(
      OneLayer("BatchNormalization", {}, {{"training_mode", std::int64_t{1}}}, 15).run(inputs),
      "layer 'it' (BatchNormalization): training_mode = 1 is not supported");
  CHECK_THROWS_WITH(
      OneLayer("BatchNormalization", {}, {{"spatial", std::int64_t{0}}}, 7).run(inputs),
      "layer 'it' (BatchNormalization): spatial = 0 is not supported");
  CHECK_THROWS_WITH(
      layer(6).run(inputs),
      "layer 'it' (BatchNormalization): opset 6: only opset 7 and later is supported");
  CHECK_THROWS_WITH(layer().run(two_channels(floats({1, 3, 3}))),
                    "layer 'it' (BatchNormalization): scale of 2 does not fit input 1x3x3");
  CHECK_THROWS_WITH(layer().run({inputs[0], inputs[1]}),
                    "layer 'it' (BatchNormalization): input 2 is missing");
  const LayerWork work = layer().work(inputs);
  CHECK(work.kind == LayerKind::normalization);
  CHECK(work.macs == 0);
  CHECK(work.parameters == 8);
}

}  // namespace offcut::ops::batch_normalization_test
