// The time of the work of federated clients: samples of the shipped digits, one epoch of SGD, and
// the mean of the changes, as client updates per second. Of one thread, it is CPU time; of several
// wall-clock time, which only means something on a machine that has nothing else to do.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "models/base/cpu_time.h"
#include "models/dataset/open.h"
#include "models/zoo/network.h"
#include "sim/training/aggregator.h"
#include "sim/training/client_runs.h"
#include "sim/training/split.h"

namespace {

using namespace offcut;

struct Options {
  std::vector<std::string> networks = {"softmax-regression", "mcmahan-cnn"};
  std::size_t clients = 0;  // 0: as many as the benchmark of the network has.
  int rounds = 10;
  std::vector<int> threads = {1};
};

/// The set-up of a published benchmark: samples of a client and of a batch, clients of a round.
struct Setup {
  std::int64_t samples, batch;
  std::size_t clients;
  double rate;
};

Setup setup_of(const std::string& network) {
  // FLUTE's rows "LR on MNIST" and "CNN on FEMNIST" (README of microsoft/msrflute).
  return network == "softmax-regression" ? Setup{60, 10, 100, 0.03} : Setup{226, 20, 4, 0.1};
}

template <class T, void (*fill)(Registry<T>&)>
const Registry<T>& filled() {
  static const Registry<T> registry = [] {
    Registry<T> all;
    fill(all);
    return all;
  }();
  return registry;
}

train::Libraries libraries() {
  return {filled<ops::Operator, ops::register_operators>(),
          filled<train::Gradient, train::register_gradients>(),
          filled<train::Loss, train::register_losses>(),
          filled<train::OptimizerKind, train::register_optimizers>(),
          filled<train::ScheduleKind, train::register_schedules>(),
          filled<dataset::Augmentation, dataset::register_augmentations>()};
}

void measure(const std::string& name, int threads, const Options& options,
             const dataset::Dataset& digits) {
  const auto* const network = filled<zoo::Network, zoo::register_networks>().find(name);
  if (network == nullptr) {
    throw std::invalid_argument("unknown network " + name);
  }
  const Graph graph = network->build(libraries().operators, 1);
  const Setup setup = setup_of(name);
  const std::size_t clients = options.clients == 0 ? setup.clients : options.clients;
  training::LocalTrainer trainer(graph, digits.training, libraries(),
                                 {.loss = {.name = "cross-entropy"}, .optimizer = {}});
  const auto* const kind =
      filled<training::AggregatorKind, training::register_aggregators>().find("fedavg");
  const auto server = kind->make(defaults(kind->parameters), {trainer.layout(), clients, clients});
  training::ClientRuns runs(trainer, static_cast<unsigned>(threads));
  const ClockFunction clock = clock_for(threads);
  auto state = std::make_shared<training::State>(trainer.initial());
  double least = 1e30;
  for (int round = 0; round <= options.rounds; ++round) {  // The first one prepares steps.
    const double start = clock();
    std::vector<training::ClientRuns::Handle> pieces;
    for (std::size_t client = 0; client < clients; ++client) {
      std::vector<std::int64_t> own;
      for (std::int64_t i = 0; i < setup.samples; ++i) {
        own.push_back((static_cast<std::int64_t>(client) * setup.samples + i) %
                      digits.training.count());
      }
      pieces.push_back(runs.train(state, {.samples = std::move(own),
                                          .batch = setup.batch,
                                          .rate = setup.rate,
                                          .seed = client,
                                          .round = static_cast<std::uint64_t>(round)}));
    }
    std::vector<training::Update> updates;
    for (std::size_t client = 0; client < clients; ++client) {
      const training::LocalResult& result = runs.result(pieces[client]);
      training::State change = result.state;
      for (std::size_t i = 0; i < change.size(); ++i) {
        change[i] -= (*state)[i];
      }
      updates.push_back({.client = client,
                         .samples = setup.samples,
                         .steps = result.steps,
                         .change = std::move(change)});
    }
    state = std::make_shared<training::State>(*state);
    server->apply(updates, *state);
    if (round > 0) {
      least = std::min(least, clock() - start);
    }
  }
  const double start = thread_seconds();
  const double accuracy = trainer.judge(*state, digits.test).accuracy;
  const double judging = thread_seconds() - start;
  fmt::print("{:<20} {:>7} {:>8} {:>6} {:>14.1f} {:>12.3f} {:>10.2f} {:>10.2f}\n", name, threads,
             setup.samples, setup.batch, static_cast<double>(clients) / least,
             1e3 * least / static_cast<double>(clients), 100 * accuracy, 1e3 * judging);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Client updates per second, with fedavg's mean"};
  app.add_option("--networks", options.networks, "networks of the zoo for 1x28x28 images")
      ->delimiter(',');
  app.add_option("--clients", options.clients, "clients of a round");
  app.add_option("--rounds", options.rounds, "rounds, of which the fastest counts");
  app.add_option("--threads", options.threads, "numbers of threads, one after the other")
      ->delimiter(',')
      ->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  const dataset::Dataset digits =
      dataset::open_dataset("digits", filled<dataset::SetKind, dataset::register_sets>(),
                            OFFCUT_SOURCE "/models/data", "--dataset");
  fmt::print("{:<20} {:>7} {:>8} {:>6} {:>14} {:>12} {:>10} {:>10}\n", "network", "threads",
             "samples", "batch", "updates/s", "ms an update", "accuracy %", "judging ms");
  for (const std::string& name : options.networks) {
    for (const int threads : options.threads) {
      measure(name, threads, options, digits);
    }
  }
  return EXIT_SUCCESS;
}
