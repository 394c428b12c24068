#include "models/cost/roofline.h"

#include <doctest/doctest.h>

#include <stdexcept>

namespace offcut {
namespace {

/// 100 FLOP/s and 10 B/s at their peaks; powers of two as shares, so that times are exact.
Device device() {
  return {.name = "d",
          .peak = FlopsPerSecond(100),
          .memory_bandwidth = BytesPerSecond(10),
          .memory = Bytes(1000),
          .efficiency = {.convolution = 0.5,
                         .depthwise_convolution = 0.125,
                         .dense = 0.25,
                         .memory = 0.5},
          .layer_overhead = Seconds(3)};
}

}  // namespace

TEST_CASE("roofline: much arithmetic, little traffic") {
  // 200 MAC are 400 FLOP; over 100 FLOP/s * 0.5, 0.25 or 0.125 that is 8, 16 or 32 s, more than
  // 10 B / (10 B/s * 0.5) = 2 s. Each plus 3 s.
  LayerWork work{.macs = 200, .parameter_bytes = 4, .activation_bytes = 6};
  work.kind = LayerKind::convolution;
  CHECK(layer_time(device(), work) == Seconds(8 + 3));
  work.kind = LayerKind::dense;
  CHECK(layer_time(device(), work) == Seconds(16 + 3));
  work.kind = LayerKind::depthwise_convolution;
  CHECK(layer_time(device(), work) == Seconds(32 + 3));
  work.kind = LayerKind::normalization;  // as depthwise
  CHECK(layer_time(device(), work) == Seconds(32 + 3));
}

TEST_CASE("roofline: little arithmetic, much traffic, of weights and activations alike") {
  // 50 B / (10 B/s * 0.5) = 10 s, more than 2 FLOP / (100 FLOP/s * 0.25) = 0.08 s.
  CHECK(layer_time(device(), {.kind = LayerKind::dense, .macs = 1, .parameter_bytes = 50}) ==
        Seconds(10 + 3));
  CHECK(layer_time(device(), {.kind = LayerKind::pooling, .activation_bytes = 50}) ==
        Seconds(10 + 3));
}

TEST_CASE("roofline: the ridge point, where both take as long") {
  // 4 s of arithmetic: 100 MAC at 50 FLOP/s; 4 s of traffic: 20 B at 5 B/s. They overlap.
  CHECK(layer_time(device(), {.kind = LayerKind::convolution,
                              .macs = 100,
                              .parameter_bytes = 10,
                              .activation_bytes = 10}) == Seconds(4 + 3));
}

TEST_CASE("roofline: a view is free, whatever it passes on") {
  CHECK(layer_time(device(), {.kind = LayerKind::view, .activation_bytes = 1e9}) == Seconds(0));
}

TEST_CASE("roofline: an empty layer still costs its overhead") {
  CHECK(layer_time(device(), {.kind = LayerKind::elementwise}) == Seconds(3));
}

TEST_CASE("roofline: twice the peaks, half the time beside the overhead") {
  Device fast = device();
  fast.peak = 2 * fast.peak;
  fast.memory_bandwidth = 2 * fast.memory_bandwidth;
  for (const double macs : {0.0, 17.0, 400.0}) {
    const LayerWork work{.kind = LayerKind::convolution, .macs = macs, .activation_bytes = 30};
    CHECK(layer_time(fast, work) - fast.layer_overhead ==
          (layer_time(device(), work) - device().layer_overhead) / 2);
  }
}

TEST_CASE("roofline: a layer from a table is refused") {
  CHECK_THROWS_WITH_AS(layer_time(device(), {.kind = LayerKind::table, .macs = 1}),
                       "a layer from a table has its times there, not from a roofline",
                       std::invalid_argument);
}

}  // namespace offcut
