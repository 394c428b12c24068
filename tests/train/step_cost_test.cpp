#include "models/train/step_cost.h"

#include <doctest/doctest.h>

#include "models/cost/roofline.h"
#include "models/zoo/builder.h"
#include "tests/train/networks.h"
#include "tests/train/registries.h"

namespace offcut::train::step_cost_test {
namespace {

using zoo::NetworkBuilder;

/// 1 GFLOP/s and 1 GB/s without overhead, which does one kernel after another.
cost::Device plain_device() {
  cost::Device device;
  device.name = "plain";
  device.peak = FlopsPerSecond(1e9);
  device.memory_bandwidth = BytesPerSecond(1e9);
  device.runtime.fuses = cost::Fusion::biases;
  return device;
}

Graph normed() {
  Graph graph("normed");
  NetworkBuilder net(graph, all_operators(), 5);
  TensorId x = net.conv("conv", net.image(3, 8, 8), {.filters = 4, .kernel = 3, .pad = 1});
  x = net.relu("relu", net.batch_norm("norm", x));
  graph.add_output(net.softmax("prob", net.dense("fc", net.flatten("flat", x), 10)));
  return graph;
}

std::vector<LayerStepTime> times_of(const cost::Device& device, const Graph& graph, double batch,
                                    const WeightChoice& choice = {}) {
  const Weights weights(graph, all_gradients(), choice);
  return step_times(device, graph,
                    step_work(graph, all_gradients(), weights, *all_losses().find("cross-entropy"),
                              *all_optimizers().find("sgd")),
                    batch);
}

void check_time(Seconds found, double expected) {
  CHECK(found.si() == doctest::Approx(expected).epsilon(1e-12));
}

}  // namespace

TEST_CASE("the times of a step by hand") {
  const Graph graph = normed();
  const double batch = 10;
  const auto times = times_of(plain_device(), graph, batch);
  const auto at = [&](const std::string& name) { return times[graph.find_layer(name).value()]; };
  // The convolution is bound by its arithmetic: 4 * 64 * 27 multiply-accumulates, each way.
  check_time(at("conv").forward, 2 * 4 * 64 * 27 * batch / 1e9);
  check_time(at("conv").backward, 2 * 4 * 64 * 27 * batch / 1e9);
  check_time(at("conv").update, 12 * (4 * 27 + 4) / 1e9);
  // The batch norm by its traffic: it reads its input twice and writes once.
  check_time(at("norm").forward, (4 * 3 * 256 * batch + 4 * 4 * 4) / 1e9);
  check_time(at("norm").backward, (4 * 3 * 256 * batch + 4 * 4 * 7) / 1e9);
  check_time(at("relu").forward, 4 * 2 * 256 * batch / 1e9);
  check_time(at("relu").backward, 4 * 3 * 256 * batch / 1e9);
  check_time(at("flat").all(), 0);
  check_time(at("prob").all(), 0);
  // 2,560 multiply-accumulates; weights are read once, which takes longer than ten samples' sums.
  const double product = 2 * 2560 * batch / 1e9;
  check_time(at("fc").forward, product);
  check_time(at("fc").backward, 2 * product + 4 * 20 * batch / 1e9);
  const LayerStepTime sum = total(times);
  Seconds all;
  for (const LayerStepTime& time : times) {
    all += time.all();
  }
  check_time(sum.all(), all.si());
}

TEST_CASE("overheads come with each kernel, and the host issues no faster than it can") {
  const Graph graph = normed();
  cost::Device device = plain_device();
  const double plain = total(times_of(device, graph, 1)).all().si();
  device.layer_overhead = Seconds(1);
  // Forward 4, back 1 + 1 + 1 + 2 and the loss, updates 3.
  CHECK(total(times_of(device, graph, 1)).all().si() == doctest::Approx(plain + 4 + 6 + 3));
  device.layer_overhead = Seconds(0);
  device.runtime.issue = Seconds(1);
  CHECK(total(times_of(device, graph, 1)).all().si() == doctest::Approx(4 + 6 + 3));
  device.runtime.invocation = Seconds(5);
  CHECK(total(times_of(device, graph, 1)).all().si() == doctest::Approx(4 + 6 + 3 + 5));
}

TEST_CASE("fusion leaves a batch norm in training alone, and takes in a frozen one") {
  const Graph graph = normed();
  cost::Device device = plain_device();
  device.runtime.fuses = cost::Fusion::activations;
  const LayerId norm = graph.find_layer("norm").value();
  CHECK(times_of(device, graph, 1)[norm].forward > Seconds(0));
  CHECK(times_of(device, graph, 1, {.freeze = {"norm*"}})[norm].forward == Seconds(0));
  CHECK(times_of(device, graph, 1)[graph.find_layer("relu").value()].forward == Seconds(0));
}

TEST_CASE("frozen layers before the trained ones go forward alone") {
  const Graph graph = normed();
  const auto times = times_of(plain_device(), graph, 4, {.only = {"fc*"}});
  CHECK(times[graph.find_layer("conv").value()].forward > Seconds(0));
  CHECK(times[graph.find_layer("conv").value()].backward == Seconds(0));
  CHECK(times[graph.find_layer("conv").value()].update == Seconds(0));
  CHECK(times[graph.find_layer("fc").value()].update > Seconds(0));
}

TEST_CASE("without overhead, a step for twice the batch takes less than twice as long") {
  const Graph graph = normed();
  const Seconds one = total(times_of(plain_device(), graph, 16)).all();
  const Seconds two = total(times_of(plain_device(), graph, 32)).all();
  CHECK(two > one);
  CHECK(two < 2 * one);
}

}  // namespace offcut::train::step_cost_test
