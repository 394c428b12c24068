#include "models/cost/roofline.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "tests/models/exec/net.h"

namespace offcut::cost {
namespace {

/// 100 FLOP/s and 10 B/s at their peaks; powers of two as shares, so that times are exact.
Device device() {
  return {.name = "d",
          .peak = FlopsPerSecond(100),
          .memory_bandwidth = BytesPerSecond(10),
          .memory = Bytes(1000),
          .efficiency = {.convolution = 0.5,
                         .convolution_3x3 = 2,
                         .depthwise_convolution = 0.125,
                         .dense = 0.25,
                         .memory = 0.5},
          .layer_overhead = Seconds(3)};
}

KernelWork convolution(double macs) {
  return {.layer = {.kind = LayerKind::convolution, .macs = macs}};
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

TEST_CASE("roofline: a 3x3 convolution may do less than its nominal work") {
  KernelWork kernel = convolution(1000);  // 2000 FLOP over 100 FLOP/s * 0.5 or 2
  CHECK(kernel_time(device(), kernel) == Seconds(40 + 3));
  kernel.is_3x3 = true;
  CHECK(kernel_time(device(), kernel) == Seconds(10 + 3));
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

TEST_CASE("roofline: a view is free, and so is what is fused") {
  CHECK(layer_time(device(), {.kind = LayerKind::view, .activation_bytes = 1e9}) == Seconds(0));
  const LayerWork work{.kind = LayerKind::elementwise, .activation_bytes = 1e9};
  CHECK(kernel_time(device(), {.layer = work, .is_fused = true}) == Seconds(0));
}

TEST_CASE("roofline: an empty layer still costs its overhead") {
  CHECK(layer_time(device(), {.kind = LayerKind::elementwise}) == Seconds(3));
}

TEST_CASE("roofline: a launch hides behind what takes longer, and is seen otherwise") {
  Device launched = device();
  launched.launch = Seconds(20);
  CHECK(kernel_time(launched, convolution(200)) == Seconds(20));  // 8 + 3 s
  CHECK(kernel_time(launched, convolution(1000)) == Seconds(40 + 3));
}

TEST_CASE("roofline: a batch reads its weights once") {
  // 20 B of weights and 10 B of activations at 5 B/s: 4 s, and 2 s for each of the batch; 25 MAC at
  // 25 FLOP/s: 2 s each.
  const KernelWork kernel{
      .layer = {
          .kind = LayerKind::dense, .macs = 25, .parameter_bytes = 20, .activation_bytes = 10}};
  CHECK(kernel_time(device(), kernel) == Seconds(4 + 2 + 3));
  CHECK(kernel_time(device(), kernel, 8) == Seconds(4 + 8 * 2 + 3));
}

TEST_CASE("roofline: a batch is at most as slow as its members one by one, and never faster") {
  for (const double macs : {0.0, 17.0, 400.0}) {
    KernelWork kernel = convolution(macs);
    kernel.layer.parameter_bytes = 20;
    kernel.layer.activation_bytes = 3;
    Seconds before(0);
    for (const int batch : {1, 2, 4, 64}) {
      const Seconds time = kernel_time(device(), kernel, batch);
      CHECK(time >= before);
      CHECK(time <= batch * kernel_time(device(), kernel));
      before = time;
    }
  }
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

TEST_CASE("roofline: weights that an accelerator has no room for come over its link") {
  // One byte each: 4 * 5 + 5 = 25 of the first layer, 5 * 4 + 4 = 24 of the second. The chip holds
  // 30, so 5 of the second; the other 19 take 19 B / (2 B/s).
  exec::Net net;
  const TensorId x = net.build.dense("a", net.build.flatten("f", net.build.image(4, 1, 1)), 5);
  net.graph.add_output(net.build.dense("b", x, 4));
  Device chip = device();
  chip.memory_bandwidth = BytesPerSecond(1e6);
  chip.peak = FlopsPerSecond(1e6);
  chip.on_chip = OnChipMemory{.size = Bytes(30), .link = BytesPerSecond(2), .weight = Bytes(1)};
  const auto time = [&](const char* layer, double batch) {
    return layer_times(chip, net.graph, batch).at(*net.graph.find_layer(layer));
  };
  CHECK(time("a", 1).si() == doctest::Approx(3).epsilon(1e-3));  // its overhead
  CHECK(time("b", 1) == Seconds((24 - 5) / 2.0));
  CHECK(time("b", 100) == time("b", 1));
  chip.on_chip->size = Bytes(49);
  CHECK(time("b", 1).si() == doctest::Approx(3).epsilon(1e-3));
}

TEST_CASE("roofline: a layer from a table is refused") {
  CHECK_THROWS_WITH_AS(layer_time(device(), {.kind = LayerKind::table, .macs = 1}),
                       "a layer from a table has its times there, not from a roofline",
                       std::invalid_argument);
}

}  // namespace offcut::cost
