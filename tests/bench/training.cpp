// The CPU time of a training step on one thread (forward, back and the optimiser), and the peak
// memory of a process that trains. With --pytorch, PyTorch (tests/bench/pytorch/training.py) takes
// turns with offcut, so that both meet the same machine; the least times count.

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>

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
  int turns = 1;
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
  double milliseconds = 1e30;  // The fastest step.
  double activations = 0;      // MB at the peak.
  double process = 0;          // MB of the process at the peak.

  void take(const Measured& other) {
    milliseconds = std::min(milliseconds, other.milliseconds);
    activations = std::max(activations, other.activations);
    process = std::max(process, other.process);
  }
};

double cpu_milliseconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
}

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
    const double start = cpu_milliseconds();
    const auto result = step.run(inputs, {.labels = labels}, static_cast<std::uint64_t>(round));
    optimizer.step(weights.pointers(), result.gradients, 1e-3);
    least = round < 2 ? least : std::min(least, cpu_milliseconds() - start);
  }
  return {least, static_cast<double>(step.memory().peak) / 1e6, peak_megabytes()};
}

/// Measures in a process of its own, whose peak memory no other network has raised.
Measured measure_apart(const std::string& name, const Options& options) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) {
    return {};
  }
  const pid_t child = fork();
  if (child == 0) {
    const Measured own = measure(name, options);
    const bool written = write(ends[1], &own, sizeof(own)) == sizeof(own);
    _exit(written ? 0 : 1);
  }
  close(ends[1]);
  Measured found;
  if (read(ends[0], &found, sizeof(found)) != sizeof(found)) {
    found = {};
  }
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return found;
}

/// Returns what PyTorch's script prints, or zeros if it cannot run.
Measured measure_pytorch(const std::string& name, const Options& options) {
  const std::string command =
      fmt::format("{} -B {}/tests/bench/pytorch/training.py {} {} {} {}", options.pytorch,
                  OFFCUT_SOURCE, name, options.batch, options.rounds, options.size);
  std::FILE* const pipe = popen(command.c_str(), "r");
  Measured found{.milliseconds = 0};
  if (pipe != nullptr) {
    if (std::fscanf(pipe, "%lf %lf", &found.milliseconds, &found.process) != 2) {
      found = {.milliseconds = 0};
    }
    pclose(pipe);
  }
  return found;
}

void print_network(const std::string& name, const Options& options) {
  Measured own;
  Measured other;
  for (int turn = 0; turn < options.turns; ++turn) {
    own.take(measure_apart(name, options));
    if (!options.pytorch.empty()) {
      other.take(measure_pytorch(name, options));
    }
  }
  fmt::print("{:<14} {:>10.3f} {:>14.1f} {:>11.0f}", name, own.milliseconds, own.activations,
             own.process);
  if (!options.pytorch.empty()) {
    fmt::print(" {:>10.3f} {:>10.0f} {:>7.2f}", other.milliseconds, other.process,
               own.milliseconds / other.milliseconds);
  }
  fmt::print("\n");
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"The time of a training step on one thread"};
  app.add_option("--networks", options.networks, "networks of the zoo, or 'digits'")
      ->delimiter(',');
  app.add_option("--batch", options.batch, "samples of a batch");
  app.add_option("--rounds", options.rounds, "steps, of which the fastest counts");
  app.add_option("--turns", options.turns, "processes that measure, each in turn with PyTorch");
  app.add_option("--size", options.size, "height and width of images, where they are open");
  app.add_flag("--reference", options.reference, "without oneDNN's kernels");
  app.add_option("--pytorch", options.pytorch, "a Python with torch, to compare with");
  CLI11_PARSE(app, argc, argv);
  fmt::print("{:<14} {:>10} {:>14} {:>11}{}\n", "network", "ms", "activations MB", "process MB",
             options.pytorch.empty()
                 ? ""
                 : fmt::format(" {:>10} {:>10} {:>7}", "PyTorch ms", "PyTorch MB", "ratio"));
  std::fflush(stdout);  // A fork copies what is left.
  for (const std::string& name : options.networks) {
    print_network(name, options);
  }
  return EXIT_SUCCESS;
}
