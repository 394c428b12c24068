#include "models/train/parted_step.h"

#include <doctest/doctest.h>

#include <cmath>

#include "models/graph/cuts.h"
#include "models/ops/batches.h"
#include "models/train/micro_batches.h"
#include "models/train/optimizer.h"
#include "models/train/value.h"
#include "models/zoo/builder.h"
#include "models/zoo/network.h"
#include "tests/train/formula.h"
#include "tests/train/networks.h"
#include "tests/train/registries.h"

namespace offcut::train::parted_step_test {
namespace {

using zoo::NetworkBuilder;

constexpr std::int64_t kBatch = 6;
constexpr std::uint64_t kSteps = 20;
constexpr double kRate = 0.05;

Graph lenet() {
  Registry<zoo::Network> networks;
  zoo::register_networks(networks);
  return networks.find("lenet5")->build(all_operators(), 1);
}

Graph mlp() {
  Graph graph("mlp");
  NetworkBuilder net(graph, all_operators(), 5);
  TensorId x = net.relu("relu1", net.dense("fc1", net.features(20), 12));
  x = net.tanh("tanh2", net.dense("fc2", x, 8));
  graph.add_output(net.softmax("prob", net.dense("fc3", x, 10)));
  return graph;
}

/// Two residual blocks, the second with a projection; with or without batch norms.
Graph residual(bool norms) {
  Graph graph("residual");
  NetworkBuilder net(graph, all_operators(), 3);
  const auto conv = [&](const std::string& name, TensorId x, NetworkBuilder::Convolution form) {
    form.bias = !norms;
    x = net.conv(name, x, form);
    return norms ? net.batch_norm(name + "_bn", x) : x;
  };
  TensorId x = net.image(2, 6, 6);
  x = net.relu("relu1", conv("conv1", x, {.filters = 4, .kernel = 3, .pad = 1}));
  TensorId y = net.relu("relu2", conv("conv2", x, {.filters = 4, .kernel = 3, .pad = 1}));
  x = net.relu("relu3", net.add("sum1", x, conv("conv3", y, {.filters = 4, .kernel = 1})));
  y = conv("conv4", x, {.filters = 6, .kernel = 3, .stride = 2, .pad = 1});
  x = net.add("sum2", y, conv("conv5", x, {.filters = 6, .kernel = 1, .stride = 2}));
  x = net.flatten("flatten", net.global_average_pool("pool", net.relu("relu4", x)));
  graph.add_output(net.softmax("prob", net.dense("fc", x, 10)));
  return graph;
}

/// Runs steps of sgd, each by `step_of(inputs, target, number)`.
template <class F>
void train(const Graph& one, Weights& weights, F step_of) {
  const OptimizerKind& kind = *all_optimizers().find("sgd");
  Optimizer optimizer(kind, defaults(kind.parameters));
  Shape shape = one.tensor(one.inputs().front()).type.shape;
  shape[0] = kBatch;
  for (std::uint64_t step = 0; step < kSteps; ++step) {
    const Tensor labels = drawn_labels(step, kBatch, 10);
    const StepResult result =
        step_of(drawn_images(step, shape, labels), Target{labels, {}, {}}, step);
    REQUIRE(std::isfinite(result.loss));
    optimizer.step(weights.pointers(), result.gradients, kRate);
  }
}

struct Trained {
  explicit Trained(const Graph& one) : weights(one, all_gradients()) {}
  Weights weights;
  double first_loss = 0;
};

const Loss& cross_entropy() { return *all_losses().find("cross-entropy"); }

Trained whole(const Graph& one, bool fast = true) {
  Trained result(one);
  const Graph batch = ops::in_batches(one, kBatch, all_operators());
  TrainingStep step(batch, all_gradients(), result.weights, cross_entropy(), {},
                    {.fast_kernels = fast});
  train(one, result.weights, [&](const Tensor& x, const Target& target, std::uint64_t number) {
    return step.run({{batch.inputs().front(), x}}, target, number);
  });
  return result;
}

Trained parted(const Graph& one, const std::vector<std::size_t>& part_of, bool fast = true) {
  Trained result(one);
  const Graph batch = ops::in_batches(one, kBatch, all_operators());
  PartedStep step(batch, all_gradients(), result.weights, cross_entropy(), {}, part_of,
                  {.fast_kernels = fast});
  train(one, result.weights, [&](const Tensor& x, const Target& target, std::uint64_t number) {
    return step.run({{batch.inputs().front(), x}}, target, number);
  });
  return result;
}

double difference(const Weights& a, const Weights& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.count(); ++i) {
    const auto x = a.value(i).values<float>();
    const auto y = b.value(i).values<float>();
    for (std::size_t k = 0; k < x.size(); ++k) {
      most = std::max(most, std::abs(static_cast<double>(x[k]) - static_cast<double>(y[k])));
    }
  }
  for (const auto& [name, value] : a.statistics()) {
    const auto found = b.statistics().find(name);
    if (found == b.statistics().end()) {
      return HUGE_VAL;
    }
    const auto y = found->second.values<float>();
    for (std::size_t k = 0; k < y.size(); ++k) {
      most = std::max(most, std::abs(static_cast<double>(value.values<float>()[k]) -
                                     static_cast<double>(y[k])));
    }
  }
  return most;
}

/// Returns the parts of the layers before and after each given layer.
std::vector<std::size_t> cut_after(const Graph& graph, const std::vector<LayerId>& last) {
  std::vector<std::size_t> part_of(graph.layer_count());
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    for (const LayerId end : last) {
      part_of[id] += id > end ? 1 : 0;
    }
  }
  return part_of;
}

void check_all_cuts(const Graph& graph) {
  const Trained expected = whole(graph);
  const Weights untrained(graph, all_gradients());
  CHECK(difference(expected.weights, untrained) > 1e-3);
  std::size_t cuts = 0;
  for_each_cut(graph, [&](const Cut& cut) {
    const auto heads = std::count(cut.in_head.begin(), cut.in_head.end(), true);
    if (heads == 0 || heads == static_cast<std::ptrdiff_t>(graph.layer_count())) {
      return true;
    }
    std::vector<std::size_t> part_of(graph.layer_count());
    std::transform(cut.in_head.begin(), cut.in_head.end(), part_of.begin(),
                   [](bool in_head) { return in_head ? std::size_t{0} : std::size_t{1}; });
    CHECK(difference(parted(graph, part_of).weights, expected.weights) <= 1e-6);
    ++cuts;
    return true;
  });
  CHECK(cuts >= graph.layer_count() - 1);
}

}  // namespace

TEST_CASE("an MLP in two parts trains like the whole, for any cut") { check_all_cuts(mlp()); }

TEST_CASE("a residual network in two parts trains like the whole, for any cut" *
          doctest::test_suite("slow")) {
  check_all_cuts(residual(false));
  check_all_cuts(residual(true));
}

TEST_CASE("LeNet-5 in two parts trains like the whole, for any cut" * doctest::test_suite("slow")) {
  check_all_cuts(lenet());
}

TEST_CASE("a part for each layer trains like the whole, on both kinds of kernels") {
  for (const bool fast : {false, true}) {
    const Graph graph = residual(true);
    std::vector<std::size_t> part_of(graph.layer_count());
    for (LayerId id = 0; id < graph.layer_count(); ++id) {
      part_of[id] = id;
    }
    CHECK(difference(parted(graph, part_of, fast).weights, whole(graph, fast).weights) <= 1e-6);
  }
}

TEST_CASE("parts say what enters and leaves them, and what needs a slope") {
  const Graph one = residual(false);
  Weights weights(one, all_gradients(), {.freeze = {"conv1*"}});
  const Graph graph = ops::in_batches(one, kBatch, all_operators());
  const LayerId relu1 = graph.find_layer("relu1").value();
  const LayerId relu2 = graph.find_layer("relu2").value();
  PartedStep step(graph, all_gradients(), weights, cross_entropy(), {},
                  cut_after(graph, {relu1, relu2}));
  REQUIRE(step.parts() == 3);
  const TensorId x1 = graph.find_tensor("relu1").value();
  const TensorId x2 = graph.find_tensor("relu2").value();
  CHECK(step.enters(0) == graph.inputs());
  CHECK(step.leaves(0) == std::vector{x1});
  CHECK(step.enters(1) == std::vector{x1});
  CHECK(step.leaves(1) == std::vector{x2});
  CHECK(step.enters(2) == std::vector{x1, x2});
  CHECK(step.returns(0).empty());
  CHECK(step.returns(1).empty());  // The weights before it are frozen.
  CHECK(step.returns(2) == std::vector{x2});
  CHECK(step.weights(0).empty());
  CHECK(step.weights(1).size() == 2);
  CHECK(!step.has_loss(1));
  CHECK(step.has_loss(2));
}

TEST_CASE("parts that cannot be are refused") {
  const Graph graph = residual(false);
  Weights weights(graph, all_gradients());
  const auto make = [&](std::vector<std::size_t> part_of) {
    PartedStep step(graph, all_gradients(), weights, cross_entropy(), {}, std::move(part_of));
  };
  std::vector<std::size_t> part_of(graph.layer_count(), 1);
  CHECK_THROWS_WITH_AS(make(part_of), "part 0 of 2 has no layer", std::invalid_argument);
  part_of.back() = 0;
  CHECK_THROWS_WITH_AS(make(part_of), doctest::Contains("reads from 'fc', which is in the later"),
                       std::invalid_argument);
  CHECK_THROWS_AS(make({0, 1}), std::invalid_argument);

  Graph tied("tied");
  NetworkBuilder net(tied, all_operators(), 5);
  const TensorId w = net.drawn("w", {4, 4}, 0, 1);
  TensorId y = net.layer("MatMul", "first", {net.features(4), w});
  y = net.layer("MatMul", "second", {y, w});
  tied.add_output(y);
  Weights one(tied, all_gradients());
  CHECK_THROWS_WITH_AS(
      PartedStep(tied, all_gradients(), one, *all_losses().find("mse"), {}, {0, 1}),
      "layers in the parts 0 and 1 train the weight 'w'; expected one part", std::invalid_argument);
}

TEST_CASE("micro-batches add up to the batch, whatever their sizes") {
  for (const Graph& graph : {mlp(), residual(false)}) {
    const Trained expected = whole(graph);
    const std::vector<LayerId> cuts = cut_vertices(graph);
    for (const std::int64_t count : {1, 3, 4}) {  // Of 6; 2, 2, 1 and 1.
      Weights weights(graph, all_gradients());
      MicroBatches micro(graph, all_operators(), all_gradients(), weights, cross_entropy(), {},
                         cut_after(graph, {cuts[cuts.size() / 2]}));
      train(graph, weights, [&](const Tensor& x, const Target& target, std::uint64_t number) {
        return micro.run(x, target, count, number);
      });
      CHECK(difference(weights, expected.weights) <= 1e-6);
    }
  }
  CHECK(micro_batch_sizes(10, 4) == std::vector<std::int64_t>{3, 3, 2, 2});
  CHECK_THROWS_WITH_AS(micro_batch_sizes(3, 4), "4 micro-batches of a batch of 3, expected 1 to 3",
                       std::invalid_argument);
}

TEST_CASE("several batches may be on their way through a part") {
  const Graph one = mlp();
  Weights weights(one, all_gradients());
  const Graph graph = ops::in_batches(one, kBatch, all_operators());
  const std::vector<std::size_t> part_of = cut_after(graph, {graph.find_layer("relu1").value()});
  PartedStep step(graph, all_gradients(), weights, cross_entropy(), {}, part_of);
  std::vector<Target> targets;
  std::vector<std::shared_ptr<PartedStep::Passing>> first, second;
  std::vector<Tensor> expected(weights.count());
  for (std::uint64_t i = 0; i < 2; ++i) {
    const Tensor labels = drawn_labels(i, kBatch, 10);
    targets.push_back({labels, {}, {}});
    const exec::TensorMap inputs = {
        {graph.inputs().front(),
         drawn_images(i, graph.tensor(graph.inputs().front()).type.shape, labels)}};
    first.push_back(step.forward(0, inputs, 0));
    second.push_back(step.forward(1, PartedStep::leaving(*first.back()), 0));
    CHECK(PartedStep::kept_bytes(*first.back()) >= 4 * kBatch * 12);
    const StepResult alone = step.run(inputs, targets.back(), 0);
    for (std::size_t w = 0; w < expected.size(); ++w) {
      const std::vector<Tensor> found = alone.gradients;
      expected[w] =
          expected[w].absent() ? found[w] : added(Value(expected[w]), Value(found[w])).tensor();
    }
  }
  std::vector<Tensor> gradients;
  for (std::size_t i : {1U, 0U}) {
    const auto back = step.backward(1, *second[i], {}, targets[i], gradients);
    step.backward(0, *first[i], back.slopes, targets[i], gradients);
  }
  for (std::size_t w = 0; w < expected.size(); ++w) {
    const auto x = expected[w].values<float>();
    const auto y = gradients[w].values<float>();
    for (std::size_t k = 0; k < x.size(); ++k) {
      CHECK(std::abs(x[k] - y[k]) <= 1e-6F);
    }
  }
}

}  // namespace offcut::train::parted_step_test
