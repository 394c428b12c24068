#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "models/ops/batches.h"
#include "models/parallel/part.h"
#include "models/parallel/sliced_network.h"
#include "models/train/optimizer.h"
#include "models/train/step.h"
#include "models/zoo/builder.h"
#include "models/zoo/network.h"
#include "tests/train/formula.h"
#include "tests/train/networks.h"
#include "tests/train/registries.h"

namespace offcut::train::sliced_test {
namespace {

using parallel::SliceDirection;
using parallel::SlicedNetwork;
using zoo::NetworkBuilder;

constexpr std::int64_t kBatch = 6;
constexpr double kRate = 0.05;

Graph lenet() {
  Registry<zoo::Network> networks;
  zoo::register_networks(networks);
  return networks.find("lenet5")->build(all_operators(), 1);
}

/// A dense layer, both forms of matrix products, and a residual convolution.
Graph mixed() {
  Graph graph("mixed");
  NetworkBuilder net(graph, all_operators(), 5);
  TensorId x =
      net.relu("relu1", net.conv("conv1", net.image(2, 6, 6), {.filters = 5, .kernel = 3}));
  x = net.add("sum", x, net.conv("conv2", x, {.filters = 5, .kernel = 3, .pad = 1}));
  x = net.relu("relu2", net.dense("fc1", net.flatten("flatten", x), 7));
  x = net.layer("MatMul", "product", {x, net.drawn("product.weight", {7, 6}, 0, 0.5)});
  graph.add_output(net.softmax("prob", net.dense("fc2", net.tanh("tanh", x), 10)));
  return graph;
}

Weights trained(const Graph& one, std::uint64_t steps) {
  Weights weights(one, all_gradients());
  const Graph batch = ops::in_batches(one, kBatch, all_operators());
  TrainingStep step(batch, all_gradients(), weights, *all_losses().find("cross-entropy"), {});
  const OptimizerKind& kind = *all_optimizers().find("sgd");
  Optimizer optimizer(kind, defaults(kind.parameters));
  const Shape shape = batch.tensor(batch.inputs().front()).type.shape;
  for (std::uint64_t number = 0; number < steps; ++number) {
    const Tensor labels = drawn_labels(number, kBatch, 10);
    const StepResult result = step.run(
        {{batch.inputs().front(), drawn_images(number, shape, labels)}}, {labels, {}, {}}, number);
    REQUIRE(std::isfinite(result.loss));
    optimizer.step(weights.pointers(), result.gradients, kRate);
  }
  return weights;
}

double difference(const Tensor& a, const Tensor& b) {
  const auto x = a.values<float>();
  const auto y = b.values<float>();
  REQUIRE(x.size() == y.size());
  double most = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    most = std::max(most, std::abs(static_cast<double>(x[i]) - static_cast<double>(y[i])));
  }
  return most;
}

/// Compares every slice of a weight with the same part of the whole one.
void check_slices(const Graph& graph, std::size_t nodes, SliceDirection direction,
                  std::uint64_t steps) {
  const SlicedNetwork sliced = parallel::sliced_network(graph, nodes, direction, all_operators());
  const Weights whole = trained(graph, steps);
  const Weights parts = trained(sliced.graph, steps);
  std::set<std::string> seen;
  for (const parallel::WeightSlice& slice : sliced.weights) {
    const Tensor& expected = whole.value(whole.find(slice.whole).value());
    const Tensor& found = parts.value(parts.find(slice.name).value());
    CHECK(difference(slice.axis ? parallel::part_of(expected, *slice.axis, slice.first, slice.last)
                                : expected,
                     found) <= 1e-6);
    seen.insert(slice.whole);
  }
  CHECK(seen.size() == whole.count());  // All layers with weights could be sliced.
  CHECK(parts.elements() == whole.elements());
}

}  // namespace

TEST_CASE("layers in slices train like the whole ones") {
  for (const auto direction : {SliceDirection::columns, SliceDirection::rows}) {
    for (const std::size_t nodes : {2U, 3U}) {
      check_slices(mixed(), nodes, direction, 20);
    }
  }
}

TEST_CASE("LeNet-5 in slices trains like the whole" * doctest::test_suite("slow")) {
  check_slices(lenet(), 4, SliceDirection::columns, 20);
}

TEST_CASE("what the nodes of a sliced network run") {
  const Graph graph = mixed();
  const SlicedNetwork sliced =
      parallel::sliced_network(graph, 2, SliceDirection::columns, all_operators());
  REQUIRE(sliced.node_of.size() == sliced.graph.layer_count());
  double share = 0;
  const LayerId conv = graph.find_layer("conv1").value();
  for (LayerId id = 0; id < sliced.graph.layer_count(); ++id) {
    if (sliced.original[id] == conv) {
      CHECK(sliced.node_of[id].has_value());
      share += sliced.share[id];
    }
  }
  CHECK(share == 1);
  CHECK(sliced.graph.find_layer("conv1/slice0").has_value());
  CHECK(sliced.graph.find_layer("conv1/gather").has_value());
  CHECK(!sliced.node_of[sliced.graph.find_layer("relu1").value()]);
  CHECK(sliced.graph.total_work().macs == graph.total_work().macs);

  const SlicedNetwork rows =
      parallel::sliced_network(graph, 3, SliceDirection::rows, all_operators());
  CHECK(rows.graph.find_layer("conv1/slice1").has_value());  // Two channels for three nodes.
  CHECK(!rows.graph.find_layer("conv1/slice2").has_value());
  CHECK(rows.graph.find_layer("conv2/sum").has_value());
  CHECK(rows.graph.total_work().macs == graph.total_work().macs);
  CHECK_THROWS_AS(parallel::sliced_network(graph, 0, SliceDirection::rows, all_operators()),
                  std::invalid_argument);
  const SlicedNetwork one =
      parallel::sliced_network(graph, 1, SliceDirection::columns, all_operators());
  CHECK(one.graph.layer_count() == graph.layer_count());
}

}  // namespace offcut::train::sliced_test
