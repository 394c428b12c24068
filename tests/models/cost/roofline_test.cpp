#include "models/cost/roofline.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

#include "models/base/random.h"
#include "tests/models/exec/net.h"

namespace offcut::cost::roofline_test {
namespace {

/// Returns a device with peaks of 100 FLOP/s and 10 B/s. Its efficiencies are powers of two, so
/// that times are exact.
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
  // 200 MAC are 400 FLOP. At 100 FLOP/s * 0.5, 0.25 or 0.125, they take 8, 16 or 32 s, more than
  // 10 B / (10 B/s * 0.5) = 2 s. The overhead is 3 s.
  LayerWork work{.macs = 200, .parameter_bytes = 4, .activation_bytes = 6};
  work.kind = LayerKind::convolution;
  CHECK(layer_time(device(), work) == Seconds(8 + 3));
  work.kind = LayerKind::dense;
  CHECK(layer_time(device(), work) == Seconds(16 + 3));
  work.kind = LayerKind::depthwise_convolution;
  CHECK(layer_time(device(), work) == Seconds(32 + 3));
  work.kind = LayerKind::normalization;  // The same as depthwise.
  CHECK(layer_time(device(), work) == Seconds(32 + 3));
}

TEST_CASE("roofline: a 3x3 convolution may do less than its nominal work") {
  KernelWork kernel = convolution(1000);  // 2000 FLOP at 100 FLOP/s * 0.5 or 2.
  CHECK(kernel_time(device(), kernel) == Seconds(40 + 3));
  kernel.is_3x3 = true;
  CHECK(kernel_time(device(), kernel) == Seconds(10 + 3));
}

TEST_CASE("roofline: little arithmetic, much traffic of weights or activations") {
  // Traffic takes 50 B / (10 B/s * 0.5) = 10 s, arithmetic 2 FLOP / (100 FLOP/s * 0.25) = 0.08 s.
  CHECK(layer_time(device(), {.kind = LayerKind::dense, .macs = 1, .parameter_bytes = 50}) ==
        Seconds(10 + 3));
  CHECK(layer_time(device(), {.kind = LayerKind::pooling, .activation_bytes = 50}) ==
        Seconds(10 + 3));
}

TEST_CASE("roofline: at the ridge point, arithmetic and traffic take the same time") {
  // Arithmetic takes 4 s (100 MAC at 50 FLOP/s), as does traffic (20 B at 5 B/s). They overlap.
  CHECK(layer_time(device(), {.kind = LayerKind::convolution,
                              .macs = 100,
                              .parameter_bytes = 10,
                              .activation_bytes = 10}) == Seconds(4 + 3));
}

TEST_CASE("roofline: views and fused layers are free") {
  CHECK(layer_time(device(), {.kind = LayerKind::view, .activation_bytes = 1e9}) == Seconds(0));
  const LayerWork work{.kind = LayerKind::elementwise, .activation_bytes = 1e9};
  CHECK(kernel_time(device(), {.layer = work, .is_fused = true}) == Seconds(0));
}

TEST_CASE("roofline: an empty layer still costs its overhead") {
  CHECK(layer_time(device(), {.kind = LayerKind::elementwise}) == Seconds(3));
}

TEST_CASE("roofline: a kernel takes at least the time of its launch") {
  Device launched = device();
  launched.launch = Seconds(20);
  CHECK(kernel_time(launched, convolution(200)) == Seconds(20));  // More than 8 + 3 s.
  CHECK(kernel_time(launched, convolution(1000)) == Seconds(40 + 3));
}

TEST_CASE("roofline: a batch reads its weights once") {
  // At 5 B/s, 20 B of weights take 4 s, and 10 B of activations 2 s for each input of the batch. At
  // 25 FLOP/s, 25 MAC take 2 s for each input.
  const KernelWork kernel{
      .layer = {
          .kind = LayerKind::dense, .macs = 25, .parameter_bytes = 20, .activation_bytes = 10}};
  CHECK(kernel_time(device(), kernel) == Seconds(4 + 2 + 3));
  CHECK(kernel_time(device(), kernel, 8) == Seconds(4 + 8 * 2 + 3));
}

TEST_CASE("roofline: a batch takes at least the time of one input and at most that of all alone") {
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

TEST_CASE("roofline: doubling the peaks halves the time without the overhead") {
  Device fast = device();
  fast.peak = 2 * fast.peak;
  fast.memory_bandwidth = 2 * fast.memory_bandwidth;
  for (const double macs : {0.0, 17.0, 400.0}) {
    const LayerWork work{.kind = LayerKind::convolution, .macs = macs, .activation_bytes = 30};
    CHECK(layer_time(fast, work) - fast.layer_overhead ==
          (layer_time(device(), work) - device().layer_overhead) / 2);
  }
}

TEST_CASE("roofline: weights that do not fit on an accelerator's chip come over its link") {
  // The layers have 4 * 5 + 5 = 25 and 5 * 4 + 4 = 24 weights of one byte each. The chip holds 30,
  // thus 5 of the second layer; the other 19 take 19 B / (2 B/s).
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
  CHECK(time("a", 1).si() == doctest::Approx(3).epsilon(1e-3));  // Its overhead.
  CHECK(time("b", 1) == Seconds((24 - 5) / 2.0));
  CHECK(time("b", 100) == time("b", 1));
  chip.on_chip->size = Bytes(49);
  CHECK(time("b", 1).si() == doctest::Approx(3).epsilon(1e-3));
}

TEST_CASE("roofline: the first reader of an input converts it from its type on the wire") {
  exec::Net net;
  const TensorId image = net.build.image(4, 1, 1);
  const TensorId x = net.build.relu("a", image);
  net.build.relu("b", image);
  net.graph.add_output(x);
  const std::vector<Seconds> layers = layer_times(device(), net.graph);
  net.graph.set_wire_type(image, DataType::float32);
  CHECK(times_from_wire(device(), net.graph) == layers);
  net.graph.set_wire_type(image, DataType::uint8);
  const std::vector<Seconds> all = times_from_wire(device(), net.graph, 3);
  // Three times four bytes are read, and three times four floats of four bytes are written.
  const LayerWork conversion{.kind = LayerKind::elementwise, .activation_bytes = 3 * (4 + 16)};
  CHECK(all[0] == layer_times(device(), net.graph, 3)[0] + layer_time(device(), conversion));
  CHECK(all[1] == layer_times(device(), net.graph, 3)[1]);
}

TEST_CASE("roofline: a sum of many terms takes them one after the other") {
  // 200 MAC at 50 FLOP/s take 8 s, to which 30 terms add 30 * 2 s; traffic hides behind them.
  Device deep = device();
  deep.step = {.convolution = Seconds(2), .dense = Seconds(0.5)};
  KernelWork kernel = convolution(200);
  kernel.depth = 30;
  kernel.layer.activation_bytes = 50;
  CHECK(kernel_time(deep, kernel) == Seconds(8 + 60 + 3));
  CHECK(kernel_time(deep, kernel, 2) == Seconds(16 + 60 + 3));  // As many terms for a batch.
  kernel.layer.kind = LayerKind::dense;                         // 400 FLOP at 25 FLOP/s.
  CHECK(kernel_time(deep, kernel) == Seconds(16 + 15 + 3));
  kernel.layer.kind = LayerKind::depthwise_convolution;
  CHECK(kernel_time(deep, kernel) == Seconds(32 + 3));
}

TEST_CASE("roofline: kinds of kernels with an overhead and a memory share of their own") {
  Device own = device();
  own.overheads = {.normalization = Seconds(5), .pooling = Seconds(7)};
  own.efficiency.pooling = 0.25;
  const LayerWork work{.kind = LayerKind::elementwise, .activation_bytes = 50};
  CHECK(kernel_time(own, {.layer = work}) == Seconds(10 + 3));
  CHECK(kernel_time(own, {.layer = work, .is_batch_norm = true}) == Seconds(10 + 5));
  CHECK(layer_time(own, {.kind = LayerKind::pooling, .activation_bytes = 50}) == Seconds(20 + 7));
  own.element = 2;  // Half the bytes.
  CHECK(kernel_time(own, {.layer = work}) == Seconds(5 + 3));
}

TEST_CASE("roofline: 3x3 convolutions on tiles sum over channels, with an overhead of their own") {
  Device tiled = device();
  tiled.winograd_tile = 6;
  tiled.step = {.convolution = Seconds(2), .dense = Seconds(0)};
  tiled.overheads.winograd = Seconds(11);
  KernelWork kernel = convolution(200);  // 400 FLOP at 200 FLOP/s take 2 s.
  kernel.is_3x3 = true;
  kernel.depth = 36;   // 4 channels of 9 places.
  kernel.places = 36;  // One full tile.
  CHECK(kernel_time(tiled, kernel) == Seconds(2 + 4 * 2 + 11));
  tiled.overheads.winograd = {};
  CHECK(kernel_time(tiled, kernel) == Seconds(2 + 4 * 2 + 3));
  tiled.overheads.winograd = Seconds(11);
  tiled.winograd_tile = 0;  // Computed directly.
  CHECK(kernel_time(tiled, kernel) == Seconds(2 + 36 * 2 + 3));
  tiled.winograd_tile = 6;
  kernel.is_grouped = true;
  tiled.efficiency.grouped_convolution = 0.25;
  CHECK(kernel_time(tiled, kernel) == Seconds(400 / 25.0 + 36 * 2 + 3));
}

TEST_CASE("roofline: narrow convolutions, other windows and tiles that are not full") {
  Device some = device();
  some.narrow = 16;
  some.efficiency.other_convolution = 0.25;
  some.winograd_tile = 6;
  KernelWork kernel = convolution(1200);  // 2400 FLOP.
  kernel.columns = 48;                    // 48 / (48 + 16) = 3 / 4.
  kernel.depth = 16;                      // 16 / (16 + 16) = 1 / 2.
  kernel.is_1x1 = true;                   // 100 FLOP/s * 0.5.
  CHECK(kernel_time(some, kernel).si() == doctest::Approx(2400 / (50 * 0.375) + 3));
  kernel.is_1x1 = false;
  CHECK(kernel_time(some, kernel).si() == doctest::Approx(2400 / (25 * 0.375) + 3));
  some.efficiency.grouped_convolution = 0.125;  // Of 100 FLOP/s, whatever its channels.
  kernel.is_grouped = true;
  CHECK(kernel_time(some, kernel).si() == doctest::Approx(2400 / 12.5 + 3));
  kernel.is_grouped = false;
  kernel.is_3x3 = true;  // 7x7 outputs cost as many as 12x12.
  kernel.places = 49;
  CHECK(kernel_time(some, kernel).si() == doctest::Approx(2400 / (200 * 0.375) * 144 / 49 + 3));
  kernel.places = 36;  // A tile that is full.
  CHECK(kernel_time(some, kernel).si() == doctest::Approx(2400 / (200 * 0.375) + 3));
}

TEST_CASE("roofline: a local response normalization may have a memory share of its own") {
  Device own = device();
  KernelWork kernel{.layer = {.kind = LayerKind::normalization, .activation_bytes = 50},
                    .is_local_norm = true};
  CHECK(kernel_time(own, kernel) == Seconds(10 + 3));
  own.efficiency.local_normalization = 0.125;
  CHECK(kernel_time(own, kernel) == Seconds(40 + 3));
  kernel.is_local_norm = false;  // Such as Softmax.
  CHECK(kernel_time(own, kernel) == Seconds(10 + 3));
}

TEST_CASE("roofline: products with an odd number of columns may have a share of their own") {
  Device own = device();
  KernelWork kernel{.layer = {.kind = LayerKind::dense, .macs = 1200}, .columns = 5};
  const Seconds before = kernel_time(own, kernel);
  own.efficiency.odd_dense = own.efficiency.dense / 4;
  CHECK((kernel_time(own, kernel) - Seconds(3)).si() ==
        doctest::Approx(4 * (before - Seconds(3)).si()));
  kernel.columns = 6;
  CHECK(kernel_time(own, kernel) == before);
}

TEST_CASE("roofline: normalization may have a memory share of its own") {
  Device own = device();
  const KernelWork kernel{.layer = {.kind = LayerKind::normalization, .activation_bytes = 50}};
  CHECK(kernel_time(own, kernel) == Seconds(10 + 3));
  own.efficiency.normalization = 0.125;
  CHECK(kernel_time(own, kernel) == Seconds(40 + 3));
  // Pooling over whole channels reduces, too.
  KernelWork pooling{.layer = {.kind = LayerKind::pooling, .activation_bytes = 50}};
  CHECK(kernel_time(own, pooling) == Seconds(10 + 3));
  pooling.is_reduction = true;
  CHECK(kernel_time(own, pooling) == Seconds(40 + 3));
  own.overheads.normalization = Seconds(5);
  CHECK(kernel_time(own, pooling) == Seconds(40 + 5));
}

TEST_CASE("roofline: the bias of a convolution may be a kernel of its own") {
  const Device own = device();
  KernelWork kernel{.layer = {.kind = LayerKind::convolution, .macs = 1200}};
  const Seconds before = kernel_time(own, kernel, 2);
  kernel.bias_bytes = 50;  // 10 s for each of two inputs, and the overhead of a kernel.
  CHECK((kernel_time(own, kernel, 2) - before).si() == doctest::Approx(2 * 10 + 3));
}

TEST_CASE("roofline: products of few rows split their sums") {
  Device own = device();
  own.step.dense = Seconds(10);
  own.peak = FlopsPerSecond(1e12);
  const KernelWork kernel{.layer = {.kind = LayerKind::dense, .macs = 1}, .depth = 8, .rows = 2};
  CHECK(kernel_time(own, kernel).si() == doctest::Approx(80 + 3));
  own.step.split_rows = 6;
  CHECK(kernel_time(own, kernel).si() == doctest::Approx(80 * 2.0 / 8 + 3));
  CHECK(kernel_time(own, kernel, 3).si() == doctest::Approx(80 * 6.0 / 12 + 3));  // Six rows.
}

TEST_CASE("roofline: kernels wait until the host has issued them") {
  // The host issues kernels at 4, 8 and 12 s. The first takes 3 s (until 7 s), the second waits for
  // the host and takes 10 + 3 s (8 to 21 s), the third waits for the second.
  exec::Net net;
  const TensorId a = net.build.relu("a", net.build.image(1, 1, 1));
  const TensorId b = net.build.dense("b", net.build.flatten("view", a), 12);
  net.graph.add_output(net.build.softmax("c", b));
  Device slow = device();
  slow.peak = FlopsPerSecond(1e12);
  slow.memory_bandwidth = BytesPerSecond(1e12);
  slow.step.dense = Seconds(10);  // Sums of one term.
  slow.runtime.fuses = Fusion::nothing;
  slow.runtime.issue = Seconds(4);
  slow.runtime.invocation = Seconds(100);
  const std::vector<Seconds> times = layer_times(slow, net.graph);
  REQUIRE(times.size() == 4);
  CHECK(times[0].si() == doctest::Approx(100 + 7));
  CHECK(times[1].si() == 0);
  CHECK(times[2].si() == doctest::Approx(21 - 7));
  CHECK(times[3].si() == doctest::Approx(3));
}

TEST_CASE("roofline: an H100's kernels, computed by hand from their figures") {
  // resnet50's 3x3 convolution of 512 channels on 7x7 places, alone in a call in float32: 2 * 512 *
  // 49 * 4608 FLOP at 67 TFLOP/s * 0.578 take 5.97 us, 4608 terms of 30.3 ns take 139.6 us, and
  // 1.47 us are overhead: 147 us. It was measured at 158 us.
  Device h100{.name = "h100",
              .peak = FlopsPerSecond(67e12),
              .memory_bandwidth = BytesPerSecond(3350e9),
              .efficiency = {.convolution = 0.578, .convolution_3x3 = 0.578, .memory = 0.838},
              .layer_overhead = Seconds(1.47e-6)};
  h100.step.convolution = Seconds(30.3e-9);
  const KernelWork kernel{.layer = {.kind = LayerKind::convolution,
                                    .macs = 512.0 * 49 * 4608,
                                    .parameter_bytes = 4.0 * 512 * 4609,
                                    .activation_bytes = 4.0 * 2 * 512 * 49},
                          .is_3x3 = true,
                          .depth = 4608,
                          .columns = 512,
                          .places = 49};
  CHECK(kernel_time(h100, kernel).si() == doctest::Approx(147.06e-6).epsilon(1e-3));
}

TEST_CASE("roofline: a layer from a table is refused") {
  CHECK_THROWS_WITH_AS(layer_time(device(), {.kind = LayerKind::table, .macs = 1}),
                       "a layer from a table has given times, so the roofline has none",
                       std::invalid_argument);
}

TEST_CASE("roofline: random kernels and batches of every kind") {
  const std::pair<LayerKind, double Efficiency::*> kinds[] = {
      {LayerKind::convolution, &Efficiency::convolution},
      {LayerKind::depthwise_convolution, &Efficiency::depthwise_convolution},
      {LayerKind::dense, &Efficiency::dense},
      {LayerKind::pooling, &Efficiency::depthwise_convolution},
      {LayerKind::elementwise, &Efficiency::depthwise_convolution},
      {LayerKind::normalization, &Efficiency::depthwise_convolution},
      {LayerKind::data_movement, &Efficiency::depthwise_convolution}};
  for (std::uint64_t i = 0; i < 300; ++i) {
    CAPTURE(i);
    RandomStream random = random_stream(941, "kernels", i);
    const auto draw = [&] { return static_cast<double>(random() % 1000); };
    Device some = device();
    some.launch = Seconds(draw() / 10);
    const double batch = static_cast<double>(1 + random() % 8);
    const auto& [kind, efficiency] = kinds[i % std::size(kinds)];
    const KernelWork kernel{.layer = {.kind = kind,
                                      .macs = draw(),
                                      .parameter_bytes = draw(),
                                      .activation_bytes = draw() / 4},
                            .is_3x3 = kind == LayerKind::convolution && random() % 2 == 0};
    const double reached =
        kernel.is_3x3 ? some.efficiency.convolution_3x3 : some.efficiency.*efficiency;
    const double arithmetic = 2 * kernel.layer.macs * batch / (100 * reached);
    const double traffic =
        (kernel.layer.parameter_bytes + kernel.layer.activation_bytes * batch) / (10 * 0.5);
    const double slower = arithmetic > traffic ? arithmetic : traffic;
    const double expected = slower + 3 > some.launch.si() ? slower + 3 : some.launch.si();
    CHECK(kernel_time(some, kernel, batch).si() == doctest::Approx(expected).epsilon(1e-12));
  }
}

TEST_CASE("roofline: a chip's memory is filled by the first layers, whatever is left goes on") {
  // Weights of 10, 6 and 8 bytes on a chip of 12: the second layer keeps 2, the third none.
  Graph graph("stream");
  const TensorType type{DataType::float32, {1}};
  TensorId last = graph.add_input("in", type, DataType::float32);
  for (const double weights : {10.0, 6.0, 8.0}) {
    const std::string name = fmt::format("l{}", graph.layer_count());
    Layer layer{.name = name, .inputs = {last}};
    layer.work = {.kind = LayerKind::dense, .parameters = weights};
    last = graph.layer(graph.add_layer(layer, {{.name = name, .type = type}})).outputs.front();
  }
  Device chip = device();
  chip.on_chip = OnChipMemory{.size = Bytes(24), .link = BytesPerSecond(0.5), .weight = Bytes(2)};
  CHECK(layer_times(chip, graph) == std::vector<Seconds>{Seconds(3), Seconds(16), Seconds(32)});
  chip.on_chip->size = Bytes(48);
  CHECK(layer_times(chip, graph) == std::vector<Seconds>(3, Seconds(3)));
  chip.on_chip->size = Bytes(47);
  CHECK(layer_times(chip, graph)[2] == Seconds(3));  // One byte takes 2 s, less than the layer.
  chip.on_chip->size = Bytes(46);
  CHECK(layer_times(chip, graph)[2] == Seconds(4));
}

}  // namespace offcut::cost::roofline_test
