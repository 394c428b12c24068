// The time of a training step, on one thread: forward, back and the optimiser, per batch. With
// --pytorch, PyTorch (tests/bench/pytorch/training.py) runs the same networks right after each
// measurement, so that both meet the same machine.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "models/onnx/import.h"
#include "models/ops/batches.h"
#include "models/train/optimizer.h"
#include "models/train/step.h"
#include "models/zoo/network.h"

namespace {

using namespace offcut;

struct Options {
  std::vector<std::string> networks = {"lenet5", "digits", "resnet18", "mobilenet-v1"};
  std::int64_t batch = 32;
  int rounds = 5;
  int size = 64;
  bool reference = false;
  std::string pytorch;
};

const Registry<ops::Operator>& operators() {
  static const Registry<ops::Operator> registry = [] {
    Registry<ops::Operator> filled;
    ops::register_operators(filled);
    return filled;
  }();
  return registry;
}

Graph load(const std::string& name, std::int64_t size) {
  if (name == "digits") {
    return onnx::import_onnx(OFFCUT_SOURCE "/models/data/digits/digits_cnn.onnx", operators());
  }
  Registry<zoo::Network> networks;
  zoo::register_networks(networks);
  const zoo::Network& network = *networks.find(name);
  return network.build_for != nullptr ? network.build_for(operators(), 1, size)
                                      : network.build(operators(), 1);
}

exec::TensorMap inputs_of(const Graph& graph) {
  Tensor x(graph.tensor(graph.inputs().front()).type);
  std::size_t i = 0;
  for (float& value : x.values<float>()) {
    value = static_cast<float>(i++ * 7919 % 256) / 255;
  }
  return {{graph.inputs().front(), x}};
}

struct Measured {
  double milliseconds;  // The fastest step.
  double megabytes;     // The peak of activations.
};

Measured measure(const std::string& name, const Options& options) {
  Registry<train::Gradient> gradients;
  train::register_gradients(gradients);
  Registry<train::Loss> losses;
  train::register_losses(losses);
  Registry<train::OptimizerKind> optimizers;
  train::register_optimizers(optimizers);
  const Graph one = load(name, options.size);
  const Graph graph = ops::in_batches(one, options.batch, operators());
  train::Weights weights(one, gradients);
  const train::OptimizerKind& kind = *optimizers.find("momentum");
  train::Optimizer optimizer(kind, defaults(kind.parameters));
  train::TrainingStep step(graph, gradients, weights, *losses.find("cross-entropy"), {},
                           {.fast_kernels = !options.reference});
  const exec::TensorMap inputs = inputs_of(graph);
  Tensor labels(TensorType{DataType::int64, {options.batch}});
  double least = 1e30;
  for (int round = 0; round < options.rounds + 2; ++round) {
    const auto start = std::chrono::steady_clock::now();
    const auto result = step.run(inputs, {.labels = labels}, static_cast<std::uint64_t>(round));
    optimizer.step(weights.pointers(), result.gradients, 1e-3);
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    least = round < 2 ? least : std::min(least, time.count());
  }
  return {least, static_cast<double>(step.memory().peak) / 1e6};
}

/// Returns the milliseconds that PyTorch's script prints, or 0 if it cannot run.
double pytorch_milliseconds(const std::string& name, const Options& options) {
  const std::string command =
      fmt::format("{} -B {}/tests/bench/pytorch/training.py {} {} {} {}", options.pytorch,
                  OFFCUT_SOURCE, name, options.batch, options.rounds, options.size);
  std::FILE* const pipe = popen(command.c_str(), "r");
  double milliseconds = 0;
  if (pipe != nullptr) {
    if (std::fscanf(pipe, "%lf", &milliseconds) != 1) {
      milliseconds = 0;
    }
    pclose(pipe);
  }
  return milliseconds;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"The time of a training step on one thread"};
  app.add_option("--networks", options.networks, "networks of the zoo, or 'digits'")
      ->delimiter(',');
  app.add_option("--batch", options.batch, "samples of a batch");
  app.add_option("--rounds", options.rounds, "steps, of which the fastest counts");
  app.add_option("--size", options.size, "height and width of images, where they are open");
  app.add_flag("--reference", options.reference, "without oneDNN's kernels");
  app.add_option("--pytorch", options.pytorch, "a Python with torch, to compare with");
  CLI11_PARSE(app, argc, argv);
  fmt::print("{:<14} {:>10} {:>10}{}\n", "network", "ms", "MB",
             options.pytorch.empty() ? "" : fmt::format(" {:>10} {:>7}", "PyTorch ms", "ratio"));
  for (const std::string& name : options.networks) {
    const Measured own = measure(name, options);
    fmt::print("{:<14} {:>10.3f} {:>10.1f}", name, own.milliseconds, own.megabytes);
    if (!options.pytorch.empty()) {
      const double other = pytorch_milliseconds(name, options);
      fmt::print(" {:>10.3f} {:>7.2f}", other, own.milliseconds / other);
    }
    fmt::print("\n");
    std::fflush(stdout);
  }
  return EXIT_SUCCESS;
}
