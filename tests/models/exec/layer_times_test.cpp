#include "models/exec/layer_times.h"

#include <doctest/doctest.h>

#include <numeric>

#include "tests/models/exec/net.h"

namespace offcut::exec::layer_times_test {
namespace {

/// Advances by a second each time that it is read.
double second_by_second() {
  static double time = 0;
  return ++time;
}

/// Builds conv + relu, a pool, and a view.
Net small() {
  Net net;
  TensorId x = net.build.image(3, 8, 8);
  x = net.build.relu("relu", net.build.conv("conv", x, {.filters = 16, .kernel = 3, .pad = 1}));
  x = net.layer("MaxPool", "pool", {x}, [] {
    Attributes a;
    a.set("kernel_shape", std::vector<std::int64_t>{2, 2});
    a.set("strides", std::vector<std::int64_t>{2, 2});
    return a;
  }());
  net.graph.add_output(net.build.flatten("flatten", x));
  return net;
}

}  // namespace

TEST_CASE("layer times: a call's seconds are shared by MACs, else by bytes") {
  const Net net = small();
  const std::vector<KernelCall> calls = {{{0, 1}, "fused"}, {{1, 2}, "both"}, {{2}, "alone"}};
  const std::vector<double> seconds = {4, 8, 1};
  const std::vector<double> shares = share_among_layers(net.graph, calls, seconds);
  REQUIRE(shares.size() == 4);
  CHECK(shares[0] == 4);  // The convolution has all of the MACs.
  // relu reads and writes 16 x 8 x 8 floats, pool reads those and writes a quarter: 2 to 1.25.
  CHECK(shares[1] == doctest::Approx(8 * 2 / 3.25));
  CHECK(shares[2] == doctest::Approx(8 * 1.25 / 3.25 + 1));
  CHECK(shares[3] == 0);
  CHECK(std::accumulate(shares.begin(), shares.end(), 0.0) == doctest::Approx(13));
}

TEST_CASE("layer times: every kernel call belongs to layers, and its name contains them" *
          doctest::test_suite("slow")) {
  const zoo::Zoo zoo;
  for (const std::string name : {"lenet5", "squeezenet", "googlenet", "resnet18", "mobilenet-v2",
                                 "bert-base", "vit-b16", "unet", "yolov2"}) {
    CAPTURE(name);
    const Graph graph = zoo.build(name);
    for (const PrepareOptions& options :
         {PrepareOptions{.time_layouts = false, .winograd = PrepareOptions::Winograd::never},
          PrepareOptions::none()}) {
      const Prepared prepared = prepare(graph, whole(graph), options);
      const std::vector<KernelCall> calls = prepared.calls();
      const std::vector<std::string> steps = prepared.steps();
      REQUIRE(calls.size() == steps.size());
      std::vector<bool> seen(graph.layer_count(), false);
      for (std::size_t i = 0; i < calls.size(); ++i) {
        CAPTURE(steps[i]);
        CHECK_FALSE(calls[i].layers.empty());
        CHECK(steps[i].ends_with(" [" + calls[i].kernel + "]"));
        for (const LayerId id : calls[i].layers) {
          seen[id] = true;
        }
      }
      // A layer that does any work is in a call.
      for (LayerId id = 0; id < graph.layer_count(); ++id) {
        CAPTURE(graph.layer(id).name);
        CHECK((seen[id] || graph.layer(id).work.macs == 0));
      }
    }
  }
}

TEST_CASE("layer times: the clock is read once between two calls") {
  const Net net = small();
  const Segment all = whole(net.graph);
  Prepared prepared = prepare(net.graph, all);
  std::vector<double> seconds(prepared.calls().size(), 0);
  prepared.run(random_inputs(net.graph, all), seconds, second_by_second);
  prepared.run(random_inputs(net.graph, all), seconds, second_by_second);
  CHECK(seconds == std::vector<double>(seconds.size(), 2));
}

TEST_CASE("layer times: a measurement has every layer") {
  const Net net = small();
  LayerTimer timer(net.graph, random_inputs(net.graph, whole(net.graph)), {});
  for (int round = 0; round < 3; ++round) {
    timer.add_round();
  }
  const LayerTimes times = timer.times();
  REQUIRE(times.layers.size() == 4);
  CHECK(times.whole > 0);
  CHECK(times.sum() > 0);
  CHECK_FALSE(times.layers[0].kernel.empty());
  for (const LayerTime& layer : times.layers) {
    CHECK(layer.median >= 0);
    CHECK(layer.spread >= 0);
  }
}

}  // namespace offcut::exec::layer_times_test
