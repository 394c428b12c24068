// Networks in integers: their speed beside the same network in float32, measured in turns on one
// thread; and with --accuracy their accuracy on the digits, with and without training afterwards.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ctime>
#include <functional>

#include "models/compress/pack.h"
#include "models/compress/pass.h"
#include "models/dataset/open.h"
#include "models/exec/prepared.h"
#include "models/graph/random_input.h"
#include "models/onnx/export.h"
#include "models/onnx/import.h"
#include "models/zoo/network.h"

namespace offcut::bench {
namespace {

struct Options {
  std::vector<std::string> networks = {"lenet5",       "digits",       "resnet18",  "resnet50",
                                       "mobilenet-v1", "mobilenet-v2", "googlenet", "squeezenet",
                                       "alexnet",      "vgg16"};
  std::vector<std::string> passes = {"int8"};
  int rounds = 9;
  std::string images;
  bool accuracy = false;
  bool steps = false;
  std::int64_t epochs = 0;
  double rate = 0.0005;
};

template <class T, void (*fill)(Registry<T>&)>
const Registry<T>& all() {
  static const Registry<T> registry = [] {
    Registry<T> filled;
    fill(filled);
    return filled;
  }();
  return registry;
}

const train::Libraries& libraries() {
  static const train::Libraries found{
      all<ops::Operator, ops::register_operators>(),
      all<train::Gradient, train::register_gradients>(),
      all<train::Loss, train::register_losses>(),
      all<train::OptimizerKind, train::register_optimizers>(),
      all<train::ScheduleKind, train::register_schedules>(),
      all<dataset::Augmentation, dataset::register_augmentations>()};
  return found;
}

Graph load(const std::string& name) {
  if (name == "digits") {
    return onnx::import_onnx(OFFCUT_SOURCE "/models/data/digits/digits_cnn.onnx",
                             libraries().operators);
  }
  const auto& networks = all<zoo::Network, zoo::register_networks>();
  if (networks.find(name) == nullptr) {
    return onnx::import_onnx(name, libraries().operators);
  }
  return networks.find(name)->build(libraries().operators, 1);
}

dataset::Samples drawn_samples(const Graph& network, std::int64_t count) {
  const TensorId input = network.inputs().front();
  Shape shape = network.tensor(input).type.shape;
  dataset::Samples samples;
  shape[0] *= count;
  samples.inputs = Tensor(TensorType{DataType::float32, shape});
  auto to = samples.inputs.values<float>().begin();
  for (std::int64_t i = 0; i < count; ++i) {
    const Tensor one =
        random_input(network, input, random_stream(static_cast<std::uint64_t>(i), "bench samples"));
    to = std::copy(one.values<float>().begin(), one.values<float>().end(), to);
  }
  return samples;
}

double cpu_milliseconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
}

double time_of(exec::Prepared& prepared, const exec::TensorMap& inputs) {
  const double start = cpu_milliseconds();
  int runs = 0;
  for (; runs == 0 || cpu_milliseconds() - start < 5; ++runs) {
    prepared.run(inputs);
  }
  return (cpu_milliseconds() - start) / runs;
}

compress::Network in_integers(const Graph& graph, const Options& options,
                              const dataset::Samples& samples) {
  std::vector<compress::ChosenPass> passes;
  for (const std::string& text : options.passes) {
    passes.push_back(compress::make_pass(text, all<compress::Pass, compress::register_passes>()));
  }
  return compress::apply_passes({.graph = graph, .rules = {}, .grids = {}}, passes,
                                {.libraries = libraries(), .samples = &samples});
}

/// Returns the largest difference of outputs, relative to the largest output.
double distance(const exec::TensorMap& found, const exec::TensorMap& expected) {
  double most = 0;
  double error = 0;
  const auto a = found.begin()->second.values<float>();
  const auto b = expected.begin()->second.values<float>();
  for (std::size_t i = 0; i < b.size(); ++i) {
    most = std::max(most, static_cast<double>(std::abs(b[i])));
    error = std::max(error, static_cast<double>(std::abs(a[i] - b[i])));
  }
  return error / most;
}

void print_speed(const std::string& name, const Options& options) {
  const Graph graph = load(name);
  const dataset::Samples samples = drawn_samples(graph, 4);
  const compress::Network network = in_integers(graph, options, samples);
  const exec::TensorMap inputs = {
      {graph.inputs().front(),
       random_input(graph, graph.inputs().front(), random_stream(9, "bench input"))}};
  exec::Prepared real = exec::prepare(graph, exec::whole(graph));
  exec::Prepared integer = exec::prepare(network.graph, exec::whole(network.graph));
  double real_time = 1e300;
  double integer_time = 1e300;
  for (int round = 0; round < options.rounds; ++round) {
    real_time = std::min(real_time, time_of(real, inputs));
    integer_time = std::min(integer_time, time_of(integer, inputs));
  }
  const double error =
      distance(integer.run(inputs), exec::run(network.graph, exec::whole(network.graph), inputs));
  const auto bytes = onnx::export_onnx_bytes(graph).size();
  const auto packed =
      onnx::export_onnx_bytes(compress::packed(network, libraries().operators)).size();
  fmt::print("| {} | {:.3f} | {:.3f} | {:.2f} | {:.1e} | {:.2f} | {:.2f} |\n", name, real_time,
             integer_time, real_time / integer_time, error, static_cast<double>(bytes) / 1e6,
             static_cast<double>(packed) / 1e6);
  if (options.steps) {
    std::vector<double> seconds(integer.steps().size());
    integer.run(inputs, seconds);
    for (std::size_t i = 0; i < seconds.size(); ++i) {
      fmt::print("  {:9.4f} ms  {}\n", 1e3 * seconds[i], integer.steps()[i]);
    }
  }
  std::fflush(stdout);
}

double accuracy_of(const Graph& graph, const dataset::Samples& samples) {
  return train::judge(
             graph, samples, libraries(),
             {"cross-entropy", defaults(libraries().losses.find("cross-entropy")->parameters)})
      .accuracy;
}

void print_accuracy(const Options& options) {
  const dataset::Dataset digits =
      dataset::open_dataset("digits", all<dataset::SetKind, dataset::register_sets>(),
                            OFFCUT_SOURCE "/models/data", "--dataset");
  const Graph graph = load("digits");
  const compress::Network network = in_integers(graph, options, digits.training);
  fmt::print("float32 {:.2f} %, after {}: {:.2f} %", 100 * accuracy_of(graph, digits.test),
             fmt::join(options.passes, ", "), 100 * accuracy_of(network.graph, digits.test));
  std::fflush(stdout);
  if (options.epochs > 0) {
    const auto named = [](const auto& registry, const std::string& name) {
      return Named{name, defaults(registry.find(name)->parameters)};
    };
    train::TrainerOptions training;
    training.epochs = options.epochs;
    training.rate = options.rate;
    training.loss = named(libraries().losses, "cross-entropy");
    training.optimizer = named(libraries().optimizers, "adam");
    training.schedules = {named(libraries().schedules, "cosine")};
    training.rules = network.rules;
    train::Trainer trainer(network.graph, digits.training, libraries(), training);
    const double start = cpu_milliseconds();
    for (std::int64_t epoch = 0; epoch < options.epochs; ++epoch) {
      trainer.run_epoch();
      fmt::print(", epoch {}: {:.2f} %", epoch + 1,
                 100 * accuracy_of(trainer.network(), digits.test));
      std::fflush(stdout);
    }
    fmt::print(", {:.1f} s an epoch",
               (cpu_milliseconds() - start) / 1e3 / static_cast<double>(options.epochs));
  }
  fmt::print("\n");
}

}  // namespace
}  // namespace offcut::bench

int main(int argc, char** argv) {
  offcut::bench::Options options;
  CLI::App app("Speed and accuracy of networks in integers");
  app.add_option("--networks", options.networks, "Networks of the zoo, digits, or ONNX files")
      ->delimiter(',');
  app.add_option("--pass", options.passes, "Passes, one after the other");
  app.add_option("--rounds", options.rounds, "Rounds, of which the fastest counts");
  app.add_option("--epochs", options.epochs, "Epochs of training after the passes");
  app.add_option("--rate", options.rate, "The learning rate");
  app.add_flag("--accuracy", options.accuracy, "Prints the accuracy on the digits");
  app.add_flag("--steps", options.steps, "Prints the kernels and their times");
  CLI11_PARSE(app, argc, argv);
  if (options.accuracy) {
    offcut::bench::print_accuracy(options);
    return 0;
  }
  fmt::print("| network | float32 ms | integers ms | speed-up | from the reference | MB | MB |\n");
  fmt::print("| --- | --: | --: | --: | --: | --: | --: |\n");
  for (const std::string& name : options.networks) {
    offcut::bench::print_speed(name, options);
  }
}
