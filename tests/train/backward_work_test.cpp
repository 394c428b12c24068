#include "models/train/backward_work.h"

#include <doctest/doctest.h>

#include <numeric>

#include "models/zoo/builder.h"
#include "models/zoo/network.h"
#include "tests/train/networks.h"
#include "tests/train/registries.h"

namespace offcut::train::backward_work_test {
namespace {

using zoo::NetworkBuilder;

constexpr double kFloat = 4;

Graph built(const std::function<TensorId(NetworkBuilder&)>& build) {
  Graph graph("made");
  NetworkBuilder net(graph, all_operators(), 5);
  graph.add_output(build(net));
  return graph;
}

std::vector<StepWork> work_of(const Graph& graph, const std::string& optimizer = "sgd",
                              const WeightChoice& choice = {},
                              const std::string& loss = "cross-entropy") {
  const Weights weights(graph, all_gradients(), choice);
  return step_work(graph, all_gradients(), weights, *all_losses().find(loss),
                   *all_optimizers().find(optimizer));
}

const StepWork& at(const Graph& graph, const std::vector<StepWork>& work, const std::string& name) {
  return work[graph.find_layer(name).value()];
}

double backward_macs(const std::vector<StepWork>& work) {
  return std::accumulate(work.begin(), work.end(), 0.0, [](double sum, const StepWork& layer) {
    return sum + layer.backward.all().macs;
  });
}

void check(const PassWork& work, double macs, double sample_floats, double fixed_floats) {
  CHECK(work.macs == macs);
  CHECK(work.sample_bytes == kFloat * sample_floats);
  CHECK(work.fixed_bytes == kFloat * fixed_floats);
}

}  // namespace

TEST_CASE("a convolution goes back twice, and the first one once") {
  // 3x8x8 -> 4x8x8 -> 5x3x3: 4 * 64 * 27 and 5 * 9 * 36 multiply-accumulates.
  const Graph graph = built([](NetworkBuilder& net) {
    TensorId x = net.conv("first", net.image(3, 8, 8), {.filters = 4, .kernel = 3, .pad = 1});
    x = net.conv("second", x, {.filters = 5, .kernel = 3, .stride = 2});
    return net.dense("fc", net.flatten("flat", x), 2);
  });
  const auto work = work_of(graph);
  const BackwardWork& first = at(graph, work, "first").backward;
  CHECK(first.inputs.is_none());
  check(first.weights, 4 * 64 * 27, 4 * 64 + 3 * 64, 4 * 27 + 4);
  const BackwardWork& second = at(graph, work, "second").backward;
  check(second.inputs, 5 * 9 * 36, 5 * 9 + 4 * 64, 5 * 36);
  check(second.weights, 5 * 9 * 36, 5 * 9 + 4 * 64, 5 * 36 + 5);
  CHECK(at(graph, work, "flat").backward.all().is_none());
  const BackwardWork& dense = at(graph, work, "fc").backward;
  check(dense.inputs, 45 * 2, 2 + 45, 45 * 2);
  check(dense.weights, 45 * 2, 2 + 45, 45 * 2 + 2);
  check(at(graph, work, "fc").loss, 0, 2 + 2, 0);
}

TEST_CASE("groups and transposed convolutions count as on the way forward") {
  const Graph graph = built([](NetworkBuilder& net) {
    TensorId x = net.conv("first", net.image(2, 8, 8), {.filters = 4, .kernel = 1});
    x = net.conv("grouped", x, {.filters = 8, .kernel = 3, .pad = 1, .groups = 2});
    return net.dense("fc", net.flatten("flat", net.up_conv("up", x, 3, 2)), 2);
  });
  const auto work = work_of(graph);
  const BackwardWork& grouped = at(graph, work, "grouped").backward;
  CHECK(grouped.inputs.macs == 8 * 64 * 2 * 9);
  CHECK(grouped.weights.macs == 8 * 64 * 2 * 9);
  const BackwardWork& up = at(graph, work, "up").backward;
  CHECK(up.inputs.macs == 16 * 16 * 3 * 8);  // Each output reads one position of 8 channels.
  CHECK(up.weights.macs == 16 * 16 * 3 * 8);
}

TEST_CASE("elementwise layers, poolings and batch norms have one kernel each") {
  const Graph graph = built([](NetworkBuilder& net) {
    TensorId x = net.conv("conv", net.image(1, 4, 4), {.filters = 3, .kernel = 1, .bias = false});
    x = net.relu("relu", net.batch_norm("norm", x));  // 3x4x4: 48 elements.
    x = net.max_pool("max", x, {.kernel = 2, .stride = 2});
    x = net.average_pool("mean", net.tanh("tanh", x), {.kernel = 2, .stride = 2});
    return net.softmax("prob", net.dense("fc", net.flatten("flat", x), 2));
  });
  const auto work = work_of(graph);
  const auto back = [&](const std::string& name) { return at(graph, work, name).backward; };
  // Slope, input and gradient; scale, mean and deviation are read and two gradients are written.
  // It also reads its running statistics, as the gradient's declaration says.
  check(back("norm").inputs, 2 * 48, 3 * 48, 3 + 2 * 3 + 2 * 3 + 2 * 3);
  CHECK(at(graph, work, "norm").trains);
  check(back("relu").inputs, 0, 48 + 48 + 48, 0);  // Slope, result, gradient.
  check(back("max").inputs, 0, 12 + 48 + 48, 0);   // Slope, input, gradient.
  check(back("tanh").inputs, 0, 3 * 12, 0);
  check(back("mean").inputs, 0, 3 + 12, 0);  // Slope and gradient alone.
  CHECK(!at(graph, work, "prob").runs);      // The loss absorbs it.
  CHECK(back("prob").all().is_none());

  const auto frozen = work_of(graph, "sgd", {.freeze = {"norm*"}});
  CHECK(!at(graph, frozen, "norm").trains);
  CHECK(at(graph, frozen, "norm").backward.inputs.macs == 48);
}

TEST_CASE("a tensor with two readers has a sum of gradients, and sums hand slopes on") {
  const Graph graph = built([](NetworkBuilder& net) {
    const TensorId x = net.dense("fc1", net.features(6), 5);
    return net.dense("fc2", net.add("sum", net.relu("relu", x), x), 2);
  });
  const auto work = work_of(graph, "sgd", {}, "mse");
  CHECK(at(graph, work, "sum").backward.all().is_none());
  check(at(graph, work, "relu").backward.sums, 0, 3 * 5, 0);  // Met by the one of `sum`.
}

TEST_CASE("recurrent layers compute their gates again") {
  const auto networks = compared_networks();
  const auto gru = std::find_if(networks.begin(), networks.end(),
                                [](const ComparedNetwork& one) { return one.name == "gru"; });
  const Graph graph = gru->build();
  const auto work = work_of(graph);
  const double forward = graph.layer(graph.find_layer("cell").value()).work.macs;
  CHECK(forward == 8.0 * 3 * 16 * (16 + 16));
  CHECK(at(graph, work, "cell").backward.all().macs == 3 * forward);
}

TEST_CASE("LeNet-5 by hand") {
  Registry<zoo::Network> networks;
  zoo::register_networks(networks);
  const Graph graph = networks.find("lenet5")->build(all_operators(), 1);
  const double conv1 = 6 * 28 * 28 * 25;
  const double others = 16.0 * 10 * 10 * 150 + 120.0 * 400 + 120.0 * 84 + 84 * 10;
  CHECK(graph.total_work().macs == conv1 + others);
  CHECK(backward_macs(work_of(graph)) == conv1 + 2 * others);
}

TEST_CASE("training an MLP takes three times the way forward, less the gradient of its input") {
  const Graph graph = built([](NetworkBuilder& net) {
    const TensorId x = net.relu("relu", net.dense("fc1", net.features(784), 128));
    return net.softmax("prob", net.dense("fc2", x, 10));
  });
  const double first = 784 * 128;
  const double last = 128 * 10;
  const double forward = graph.total_work().macs;
  CHECK(forward == first + last);
  CHECK(forward + backward_macs(work_of(graph)) == 3 * forward - first);
  // Frozen layers before the trained ones do not go back.
  CHECK(backward_macs(work_of(graph, "sgd", {.only = {"fc2*"}})) == last);
}

TEST_CASE("an update reads and writes weights, gradients and moments") {
  const Graph graph =
      built([](NetworkBuilder& net) { return net.dense("fc", net.features(6), 5); });
  const double weights = 6 * 5 + 5;
  check(at(graph, work_of(graph, "sgd"), "fc").update, weights, 0, 3 * weights);
  check(at(graph, work_of(graph, "momentum"), "fc").update, 3 * weights, 0, 5 * weights);
  check(at(graph, work_of(graph, "adam"), "fc").update, 5 * weights, 0, 7 * weights);
  check(at(graph, work_of(graph, "sgd", {.only = {"fc.bias"}}), "fc").update, 5, 0, 3 * 5);
}

}  // namespace offcut::train::backward_work_test
