// Spread training that must equal training on one machine.

#include <doctest/doctest.h>

#include <cmath>

#include "sim/training/aggregator.h"
#include "tests/parameters.h"
#include "tests/train/registries.h"
#include "tests/training/given.h"

namespace offcut::training::equalities_test {
namespace {

using Clients = std::vector<std::vector<std::int64_t>>;

/// Eight clients of different sizes, which hold the first 240 samples together.
Clients unequal_clients() {
  Clients clients;
  std::int64_t next = 0;
  for (const std::int64_t size : {1, 7, 13, 24, 30, 45, 55, 65}) {
    std::vector<std::int64_t> own;
    for (std::int64_t i = 0; i < size; ++i) {
      own.push_back(next++);
    }
    clients.push_back(own);
  }
  return clients;
}

std::unique_ptr<Aggregator> server_of(const std::string& name, const Layout& layout,
                                      std::size_t clients, const Parameters& parameters) {
  const auto& kinds = train::filled_registry<AggregatorKind, register_aggregators>();
  return kinds.find(name)->make(parameters, {layout, clients, clients});
}

Parameters parameters_of(const std::string& name,
                         const std::vector<std::pair<std::string, double>>& given = {}) {
  const auto& kinds = train::filled_registry<AggregatorKind, register_aggregators>();
  return defaults_but(kinds.find(name)->parameters, given);
}

/// Runs rounds in which all clients take part.
State federated(LocalTrainer& trainer, const Clients& clients, const std::string& aggregator,
                const Parameters& parameters, LocalWork work, int rounds) {
  const auto server = server_of(aggregator, trainer.layout(), clients.size(), parameters);
  State state = trainer.initial();
  for (int round = 0; round < rounds; ++round) {
    std::vector<Update> updates;
    for (std::size_t client = 0; client < clients.size(); ++client) {
      work.samples = clients[client];
      work.seed = client;
      work.round = static_cast<std::uint64_t>(round);
      server->prepare(client, work);
      const LocalResult result = trainer.train(state, work);
      Update update{.client = client,
                    .samples = static_cast<std::int64_t>(clients[client].size()),
                    .steps = result.steps,
                    .change = result.state};
      for (std::size_t i = 0; i < state.size(); ++i) {
        update.change[i] -= state[i];
      }
      server->finish(client, work, state, result, update);
      updates.push_back(std::move(update));
    }
    REQUIRE(server->apply(updates, state));
  }
  return state;
}

/// Runs gradient descent on all samples with the trainer of a single machine.
State descended(const LocalTrainer& layout_of, const Graph& network,
                const dataset::Samples& samples, double rate, std::int64_t steps) {
  train::Trainer trainer(network, samples, given_libraries(),
                         {.epochs = steps,
                          .batch = samples.count(),
                          .rate = rate,
                          .loss = given_settings().loss,
                          .optimizer = given_settings().optimizer,
                          .allow_missing_classes = true});
  for (std::int64_t i = 0; i < steps; ++i) {
    REQUIRE(trainer.run_epoch());
  }
  const Graph trained = trainer.network();
  const train::Weights weights(trained, given_libraries().gradients);
  return layout_of.layout().read(trained, weights);
}

TEST_CASE("training: fedavg with one full-batch step of all clients is gradient descent") {
  for (const char* name : {"softmax-regression", "mlp-s3"}) {
    CAPTURE(name);
    const Graph network = zoo_network(name);
    const dataset::Samples samples = first_digits(240);
    LocalTrainer trainer(network, samples, given_libraries(), given_settings());
    const LocalWork work{.batch = 0, .rate = 0.1};
    const State expected = descended(trainer, network, samples, 0.1, 20);
    for (const char* aggregator : {"fedavg", "fedsgd"}) {
      CAPTURE(aggregator);
      const State found =
          federated(trainer, unequal_clients(), aggregator, parameters_of(aggregator), work, 20);
      CHECK(largest_difference(found, expected) < 1e-6);
      CHECK(largest_difference(found, trainer.initial()) > 1e-2);
    }
    const State uniform = federated(trainer, unequal_clients(), "mean", {}, work, 20);
    CHECK(largest_difference(uniform, expected) > 1e-4);  // The sizes differ.
  }
}

TEST_CASE("training: workers' gradients, averaged, are that of the joint batch") {
  const Graph network = zoo_network("mlp-s3");
  const dataset::Samples samples = first_digits(240);
  LocalTrainer trainer(network, samples, given_libraries(), given_settings());
  const auto all = first_numbers(240);
  State joint = trainer.initial();
  State spread = joint;
  for (std::uint64_t step = 0; step < 20; ++step) {
    double joint_loss = 0;
    const State gradient = trainer.gradient(joint, all, step, &joint_loss);
    std::vector<double> mean(spread.size(), 0);
    double spread_loss = 0;
    for (const std::vector<std::int64_t>& own : unequal_clients()) {
      double loss = 0;
      const State part = trainer.gradient(spread, own, step, &loss);
      const double share = static_cast<double>(own.size()) / 240;
      spread_loss += share * loss;
      for (std::size_t i = 0; i < mean.size(); ++i) {
        mean[i] += share * static_cast<double>(part[i]);
      }
    }
    CHECK(spread_loss == doctest::Approx(joint_loss).epsilon(1e-5));
    for (std::size_t i = 0; i < mean.size(); ++i) {
      joint[i] -= 0.1F * gradient[i];
      spread[i] -= static_cast<float>(0.1 * mean[i]);
    }
  }
  CHECK(largest_difference(joint, spread) < 1e-6);
  CHECK(largest_difference(joint, trainer.initial()) > 1e-2);
}

TEST_CASE("training: a large batch in pieces has the gradient of the whole") {
  const Graph network = zoo_network("mlp-s3");
  const dataset::Samples samples = first_digits(700);
  LocalTrainer trainer(network, samples, given_libraries(), given_settings());
  const State expected = descended(trainer, network, samples, 0.1, 5);
  const auto all = first_numbers(700);
  const LocalResult found =
      trainer.train(trainer.initial(), {.samples = all, .epochs = 5, .batch = 0, .rate = 0.1});
  CHECK(found.steps == 5);
  CHECK(found.samples == 3500);
  CHECK(largest_difference(found.state, expected) < 1e-6);
}

TEST_CASE("training: fedprox with mu 0 has the bits of fedavg; other mu have not") {
  const Graph network = zoo_network("softmax-regression");
  const dataset::Samples samples = first_digits(240);
  LocalTrainer trainer(network, samples, given_libraries(), given_settings());
  const LocalWork work{.epochs = 2, .batch = 8, .rate = 0.1};
  const State plain = federated(trainer, unequal_clients(), "fedavg", {}, work, 3);
  const auto proximal = [&](double mu) {
    return federated(trainer, unequal_clients(), "fedprox", parameters_of("fedprox", {{"mu", mu}}),
                     work, 3);
  };
  CHECK(proximal(0) == plain);
  // The larger the weight, the nearer the states stay to the first.
  const State initial = trainer.initial();
  CHECK(largest_difference(proximal(1), plain) > 1e-4);
  CHECK(largest_difference(proximal(5), initial) < largest_difference(proximal(1), initial));
}

TEST_CASE("training: the proximal term on a quadratic follows its closed form") {
  // (w + b - a)^2 + mu / 2 ((w - w0)^2 + (b - b0)^2): s = w + b has the optimum
  // (4 a + mu s0) / (4 + mu), and the distance to it shrinks by 1 - rate (4 + mu) in each step;
  // w - b stays.
  const Graph network =
      made_network([](zoo::NetworkBuilder& net) { return net.dense("fc", net.features(1), 1); });
  const std::vector<float> one = {1};
  const std::vector<float> target = {3};
  const dataset::Samples samples{.inputs = Tensor({1, 1}, std::span(one)),
                                 .labels = {},
                                 .targets = Tensor({1, 1}, std::span(target))};
  LocalTrainer trainer(network, samples, given_libraries(), given_settings("mse"));
  const State start = trainer.initial();
  REQUIRE(start.size() == 2);
  const double s0 = static_cast<double>(start[0]) + static_cast<double>(start[1]);
  const auto own = first_numbers(1);
  for (const double mu : {0.0, 0.5, 2.0, 10.0}) {
    for (const std::int64_t steps : {1, 3, 10}) {
      const LocalResult result = trainer.train(
          start, {.samples = own, .epochs = steps, .batch = 1, .rate = 0.05, .proximity = mu});
      const double best = (4 * 3 + mu * s0) / (4 + mu);
      const double expected =
          best + std::pow(1 - 0.05 * (4 + mu), static_cast<double>(steps)) * (s0 - best);
      CHECK(static_cast<double>(result.state[0]) + static_cast<double>(result.state[1]) ==
            doctest::Approx(expected).epsilon(1e-5));
      CHECK(static_cast<double>(result.state[0] - result.state[1]) ==
            doctest::Approx(static_cast<double>(start[0] - start[1])).epsilon(1e-5));
    }
  }
}

}  // namespace
}  // namespace offcut::training::equalities_test
