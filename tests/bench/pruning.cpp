// The speed-up of channel pruning beside the work that it saves, on one thread. Whole and pruned
// network run in turns, in the same process, by CPU time; with --onnxruntime, ONNX Runtime runs
// both files in the same way.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>

#include "models/compress/pass.h"
#include "models/exec/prepared.h"
#include "models/graph/random_input.h"
#include "models/onnx/export.h"
#include "models/zoo/network.h"
#include "tests/bench/other_runtime.h"
#include "tests/temporary_folder.h"

namespace offcut::bench {
namespace {

struct Options {
  std::vector<std::string> networks;
  std::string pass = "channels:macs=0.5,criterion=random,round=16";
  int rounds = 7;
  std::string onnxruntime;
};

template <class T, void (*fill)(Registry<T>&)>
const Registry<T>& filled() {
  static const Registry<T> registry = [] {
    Registry<T> all;
    fill(all);
    return all;
  }();
  return registry;
}

const Registry<ops::Operator>& operators() {
  return filled<ops::Operator, ops::register_operators>();
}

const train::Libraries& libraries() {
  static const train::Libraries all{
      operators(),
      filled<train::Gradient, train::register_gradients>(),
      filled<train::Loss, train::register_losses>(),
      filled<train::OptimizerKind, train::register_optimizers>(),
      filled<train::ScheduleKind, train::register_schedules>(),
      filled<dataset::Augmentation, dataset::register_augmentations>()};
  return all;
}

exec::TensorMap inputs_of(const Graph& graph) {
  exec::TensorMap inputs;
  for (const TensorId input : graph.inputs()) {
    inputs[input] = random_input(graph, input, random_stream(1, graph.tensor(input).name));
  }
  return inputs;
}

/// One of the two networks, in one of the two runtimes.
class Runner {
 public:
  virtual ~Runner() = default;
  virtual double seconds(int runs) = 0;  // CPU time of a run.
};

class OwnRunner : public Runner {
 public:
  explicit OwnRunner(const Graph& graph)
      : prepared_(exec::prepare(graph, exec::whole(graph))), inputs_(inputs_of(graph)) {}

  double seconds(int runs) override {
    const double start = thread_seconds();
    for (int i = 0; i < runs; ++i) {
      prepared_.run(inputs_);
    }
    return (thread_seconds() - start) / runs;
  }

 private:
  exec::Prepared prepared_;
  exec::TensorMap inputs_;
};

class OtherRunner : public Runner {
 public:
  OtherRunner(const Graph& graph, const std::string& folder)
      : runtime_(OFFCUT_SOURCE "/tests/bench/onnxruntime.mjs", folder) {
    const std::string file = (files_.path() / "model.onnx").string();
    onnx::export_onnx(graph, file);
    std::string command = "load " + file;
    for (const auto& [id, input] : inputs_of(graph)) {
      const std::string values = (files_.path() / fmt::format("input{}", id)).string();
      std::ofstream(values, std::ios::binary)
          .write(reinterpret_cast<const char*>(input.bytes().data()),
                 static_cast<std::streamsize>(input.bytes().size()));
      command += fmt::format(" {} {} {} {}", graph.tensor(id).name, to_text(input.type().type),
                             values, fmt::join(input.shape(), ","));
    }
    runtime_.ask(command);
  }

  double seconds(int runs) override {
    return std::stod(runtime_.ask(fmt::format("run {}", runs))) / 1e3;
  }

 private:
  TemporaryFolder files_;
  OtherRuntime runtime_;
};

struct Times {
  double whole = 0, pruned = 0;  // Seconds.
  double ratio = 0;              // The median of the rounds' ratios.
};

Times compare(Runner& whole, Runner& pruned, int rounds) {
  constexpr double kRound = 0.05;  // Seconds, for a clock of microseconds.
  const double first = std::max(whole.seconds(1), 1e-9);
  pruned.seconds(1);
  const int runs = std::clamp(static_cast<int>(kRound / first), 1, 20'000);
  Times times{.whole = 1e30, .pruned = 1e30};
  std::vector<double> ratios;
  for (int round = 0; round < rounds; ++round) {
    const double a = whole.seconds(runs);
    const double b = pruned.seconds(runs);
    times.whole = std::min(times.whole, a);
    times.pruned = std::min(times.pruned, b);
    ratios.push_back(a / b);
  }
  std::sort(ratios.begin(), ratios.end());
  times.ratio = ratios[ratios.size() / 2];
  return times;
}

void print(const std::string& name, const std::string& runtime, double macs, const Times& times) {
  fmt::print("{:<19} {:<12} {:>9.2f} {:>10.3f} {:>10.3f} {:>9.2f} {:>9.2f} {}\n", name, runtime,
             macs, times.whole * 1e3, times.pruned * 1e3, times.ratio, times.ratio / macs,
             times.ratio / macs >= 0.9 ? "" : "below 0.9");
  std::fflush(stdout);
}

void measure(const std::string& name, const zoo::Network& network, const Options& options) {
  const compress::ChosenPass chosen =
      compress::make_pass(options.pass, filled<compress::Pass, compress::register_passes>());
  const Graph whole = network.build(operators(), 1);
  Graph pruned("");
  try {
    pruned = apply_pass(*chosen.pass, chosen.parameters, {.graph = whole},
                        {.libraries = libraries()})
                 .graph;
  } catch (const std::invalid_argument& error) {
    fmt::print("{:<19} {}\n", name, error.what());
    return;
  }
  const double macs = whole.total_work().macs / pruned.total_work().macs;
  {
    OwnRunner a(whole);
    OwnRunner b(pruned);
    print(name, "offcut", macs, compare(a, b, options.rounds));
  }
  if (!options.onnxruntime.empty()) {
    OtherRunner a(whole, options.onnxruntime);
    OtherRunner b(pruned, options.onnxruntime);
    print(name, "ONNX Runtime", macs, compare(a, b, options.rounds));
  }
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app{"The speed-up of channel pruning beside the work that it saves, on one thread"};
  app.add_option("--networks", options.networks, "networks of the zoo; all by default")
      ->delimiter(',');
  app.add_option("--pass", options.pass, "what is done to them");
  app.add_option("--rounds", options.rounds, "rounds, whose median counts");
  app.add_option("--onnxruntime", options.onnxruntime,
                 "a folder with node_modules/onnxruntime-node, to measure as well");
  CLI11_PARSE(app, argc, argv);
  Registry<zoo::Network> networks;
  zoo::register_networks(networks);
  for (const std::string& name : options.networks.empty() ? networks.names() : options.networks) {
    if (networks.find(name) == nullptr) {
      fmt::print(stderr, "no network '{}'{}\n", name, suggestion(name, networks.names()));
      return 2;
    }
  }
  fmt::print("{:<19} {:<12} {:>9} {:>10} {:>10} {:>9} {:>9}\n", "network", "runtime", "MAC ratio",
             "whole ms", "pruned ms", "speed-up", "share");
  for (const std::string& name : options.networks.empty() ? networks.names() : options.networks) {
    measure(name, *networks.find(name), options);
  }
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace offcut::bench

int main(int argc, char** argv) { return offcut::bench::run(argc, argv); }
