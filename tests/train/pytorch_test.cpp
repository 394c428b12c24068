#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "models/base/parameters.h"
#include "models/ops/batches.h"
#include "models/train/optimizer.h"
#include "models/train/step.h"
#include "tests/paths.h"
#include "tests/train/digits.h"
#include "tests/train/formula.h"
#include "tests/train/networks.h"
#include "tests/train/registries.h"

namespace offcut::train::pytorch_test {
namespace {

constexpr std::int64_t kBatch = 16;
constexpr std::int64_t kSteps = 50;

/// The losses that tests/train/pytorch/losses.py wrote, by network.
std::map<std::string, std::vector<double>> pytorch_losses() {
  std::ifstream file(source_path("tests/train/pytorch/losses.csv"));
  std::map<std::string, std::vector<double>> losses;
  std::string line;
  std::getline(file, line);  // The header.
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string network, step, loss;
    std::getline(fields, network, ',');
    std::getline(fields, step, ',');
    std::getline(fields, loss, ',');
    losses[network].push_back(std::stod(loss));
  }
  return losses;
}

void set_initial_weights(const Graph& graph, Weights& weights) {
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    const TensorNode& tensor = graph.tensor(id);
    if (weights.find(tensor.name)) {
      weights.set(tensor.name, drawn_weight(tensor.name, tensor.type.shape));
    }
  }
  // Running statistics start as PyTorch's do.
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    const Layer& layer = graph.layer(id);
    if (layer.op_name == "BatchNormalization") {
      Tensor ones(graph.tensor(layer.inputs[4]).type);
      std::fill(ones.values<float>().begin(), ones.values<float>().end(), 1.0F);
      weights.set(graph.tensor(layer.inputs[3]).name, Tensor(ones.type()));
      weights.set(graph.tensor(layer.inputs[4]).name, ones);
    }
  }
}

/// The images and labels of a batch.
struct Batch {
  exec::TensorMap inputs;
  Tensor labels;
};

Batch batch_of(const ComparedNetwork& network, const Graph& graph, std::uint64_t step) {
  const TensorId input = graph.inputs().front();
  const Shape& shape = graph.tensor(input).type.shape;
  if (network.from_file) {
    return {{{input, digit_images(static_cast<std::int64_t>(step) * kBatch, kBatch)}},
            digit_labels(static_cast<std::int64_t>(step) * kBatch, kBatch)};
  }
  const Tensor labels = drawn_labels(step, kBatch, network.classes);
  return {{{input, network.tokens > 0 ? drawn_tokens(step, shape, labels, network.tokens)
                                      : drawn_images(step, shape, labels)}},
          labels};
}

Parameters optimizer_parameters(const ComparedNetwork& network, const OptimizerKind& kind) {
  Parameters parameters = defaults(kind.parameters);
  parameters.set("decay", network.decay);
  return parameters;
}

std::vector<double> losses_of(const ComparedNetwork& network, StepOptions options) {
  const Graph one = network.build();
  const Graph graph = ops::in_batches(one, kBatch, all_operators());
  Weights weights(one, all_gradients());
  if (!network.from_file) {
    set_initial_weights(one, weights);
  }
  const Loss& loss = *all_losses().find("cross-entropy");
  const OptimizerKind& kind = *all_optimizers().find(network.optimizer);
  Optimizer optimizer(kind, optimizer_parameters(network, kind));
  TrainingStep training(graph, all_gradients(), weights, loss, {}, options);
  std::vector<double> losses;
  for (std::uint64_t step = 0; step < kSteps; ++step) {
    const Batch batch = batch_of(network, graph, step);
    StepResult result = training.run(batch.inputs, {.labels = batch.labels}, step);
    losses.push_back(result.loss);
    if (network.clip > 0) {
      clip_norm(result.gradients, network.clip);
    }
    optimizer.step(weights.pointers(), result.gradients, network.rate);
  }
  return losses;
}

}  // namespace

TEST_CASE("50 steps of each network have PyTorch's losses" * doctest::test_suite("slow")) {
  const auto expected = pytorch_losses();
  for (const ComparedNetwork& network : compared_networks()) {
    CAPTURE(network.name);
    const auto found = expected.find(network.name);
    REQUIRE(found != expected.end());
    for (const bool fast : {false, true}) {
      CAPTURE(fast);
      const std::vector<double> losses = losses_of(network, {.fast_kernels = fast});
      REQUIRE(found->second.size() == losses.size());
      double farthest = 0;
      for (std::size_t i = 0; i < losses.size(); ++i) {
        farthest = std::max(farthest, std::abs(losses[i] - found->second[i]));
      }
      MESSAGE(network.name << std::string(fast ? ", fast: " : ": ") << losses.front() << " to "
                           << losses.back() << ", at most " << farthest << " from PyTorch");
      CHECK(farthest <= 1e-4);
    }
  }
}

TEST_CASE("checkpoints change no bit of 50 steps" * doctest::test_suite("slow")) {
  for (const ComparedNetwork& network : compared_networks()) {
    CAPTURE(network.name);
    CHECK(losses_of(network, {.checkpoints = 3, .fast_kernels = false}) ==
          losses_of(network, {.fast_kernels = false}));
  }
}

}  // namespace offcut::train::pytorch_test
