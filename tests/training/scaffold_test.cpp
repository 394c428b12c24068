// SCAFFOLD beside an independent implementation in double precision, on softmax regression.

#include <doctest/doctest.h>

#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>

#include "models/base/random.h"
#include "sim/training/aggregator.h"
#include "tests/parameters.h"
#include "tests/train/registries.h"
#include "tests/training/given.h"

namespace offcut::training::scaffold_test {
namespace {

constexpr std::size_t kFeatures = 5;
constexpr std::size_t kClasses = 3;
constexpr std::size_t kClients = 6;
constexpr std::size_t kEach = 9;  // Samples of a client.
constexpr int kSteps = 4;
constexpr double kRate = 0.2;

struct Data {
  std::vector<float> x;
  std::vector<std::int64_t> y;
};

/// Each client has mostly one class, so that the clients drift.
Data skewed_data() {
  RandomStream stream = random_stream(3, "scaffold test");
  boost::random::normal_distribution<double> normal;
  boost::random::uniform_int_distribution<int> die(0, 4);
  Data data;
  for (std::size_t i = 0; i < kClients * kEach; ++i) {
    const std::size_t own = i / kEach % kClasses;
    const std::size_t label = die(stream) == 0 ? (own + 1) % kClasses : own;
    data.y.push_back(static_cast<std::int64_t>(label));
    for (std::size_t f = 0; f < kFeatures; ++f) {
      data.x.push_back(static_cast<float>(normal(stream) + (f == label ? 1.5 : 0)));
    }
  }
  return data;
}

using Numbers = std::vector<double>;  // Weights [class][feature], then biases.

/// The mean gradient of -log softmax over a client's samples.
Numbers gradient_of(const Data& data, std::size_t client, const Numbers& w) {
  Numbers gradient(w.size(), 0);
  for (std::size_t i = client * kEach; i < (client + 1) * kEach; ++i) {
    double logits[kClasses];
    double sum = 0;
    for (std::size_t c = 0; c < kClasses; ++c) {
      logits[c] = w[kClasses * kFeatures + c];
      for (std::size_t f = 0; f < kFeatures; ++f) {
        logits[c] += w[c * kFeatures + f] * static_cast<double>(data.x[i * kFeatures + f]);
      }
      sum += std::exp(logits[c]);
    }
    for (std::size_t c = 0; c < kClasses; ++c) {
      const bool is_label = static_cast<std::int64_t>(c) == data.y[i];
      const double slope = (std::exp(logits[c]) / sum - (is_label ? 1 : 0)) / kEach;
      gradient[kClasses * kFeatures + c] += slope;
      for (std::size_t f = 0; f < kFeatures; ++f) {
        gradient[c * kFeatures + f] += slope * static_cast<double>(data.x[i * kFeatures + f]);
      }
    }
  }
  return gradient;
}

std::vector<std::size_t> selected_in(int round) {
  const auto first = static_cast<std::size_t>(round);
  std::vector<std::size_t> all = {first % kClients, (first + 2) % kClients,
                                  (3 * first + 1) % kClients};
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

/// Algorithm 1 of the paper with option II, line by line.
Numbers naive_scaffold(const Data& data, Numbers x, int rounds, double server_rate) {
  Numbers c(x.size(), 0);
  std::vector<Numbers> own(kClients, c);
  for (int round = 0; round < rounds; ++round) {
    const std::vector<std::size_t> selected = selected_in(round);
    Numbers dx(x.size(), 0);
    Numbers dc(x.size(), 0);
    for (const std::size_t client : selected) {
      Numbers y = x;
      for (int step = 0; step < kSteps; ++step) {
        const Numbers g = gradient_of(data, client, y);
        for (std::size_t i = 0; i < y.size(); ++i) {
          y[i] -= kRate * (g[i] - own[client][i] + c[i]);
        }
      }
      for (std::size_t i = 0; i < y.size(); ++i) {
        const double next = own[client][i] - c[i] + (x[i] - y[i]) / (kSteps * kRate);
        dx[i] += (y[i] - x[i]) / static_cast<double>(selected.size());
        dc[i] += (next - own[client][i]) / static_cast<double>(selected.size());
        own[client][i] = next;
      }
    }
    for (std::size_t i = 0; i < x.size(); ++i) {
      x[i] += server_rate * dx[i];
      c[i] += static_cast<double>(selected.size()) / kClients * dc[i];
    }
  }
  return x;
}

TEST_CASE("scaffold: equals the algorithm of the paper in double precision") {
  const Data data = skewed_data();
  const Graph network = made_network([](zoo::NetworkBuilder& net) {
    return net.softmax("prob", net.dense("fc", net.features(kFeatures), kClasses));
  });
  const dataset::Samples samples{
      .inputs = Tensor({kClients * kEach, kFeatures}, std::span<const float>(data.x)),
      .labels = Tensor({kClients * kEach}, std::span<const std::int64_t>(data.y)),
      .targets = {}};
  LocalTrainer trainer(network, samples, given_libraries(), given_settings());
  const auto& kinds = train::filled_registry<AggregatorKind, register_aggregators>();
  const AggregatorKind& kind = *kinds.find("scaffold");
  for (const double server_rate : {1.0, 0.5}) {
    const std::vector<std::pair<std::string, double>> given = {{"server-rate", server_rate}};
    const auto server =
        kind.make(defaults_but(kind.parameters, given), {trainer.layout(), kClients, 3});
    CHECK(server->extra_down() == 1);
    CHECK(server->extra_up() == 1);
    State state = trainer.initial();
    const Numbers start(state.begin(), state.end());
    constexpr int kRounds = 12;
    for (int round = 0; round < kRounds; ++round) {
      std::vector<Update> updates;
      for (const std::size_t client : selected_in(round)) {
        std::vector<std::int64_t> own;
        for (std::size_t i = 0; i < kEach; ++i) {
          own.push_back(static_cast<std::int64_t>(client * kEach + i));
        }
        LocalWork work{.samples = own, .epochs = kSteps, .batch = 0, .rate = kRate};
        server->prepare(client, work);
        const LocalResult result = trainer.train(state, work);
        Update update{.client = client, .samples = kEach, .change = result.state};
        for (std::size_t i = 0; i < state.size(); ++i) {
          update.change[i] -= state[i];
        }
        server->finish(client, work, state, result, update);
        updates.push_back(std::move(update));
      }
      server->apply(updates, state);
    }
    const Numbers expected = naive_scaffold(data, start, kRounds, server_rate);
    const Numbers uncorrected = naive_scaffold(data, start, 1, server_rate);
    double most = 0;
    double moved = 0;
    for (std::size_t i = 0; i < state.size(); ++i) {
      most = std::max(most, std::abs(static_cast<double>(state[i]) - expected[i]));
      moved = std::max(moved, std::abs(uncorrected[i] - expected[i]));
    }
    CHECK(most < 2e-5);
    CHECK(moved > 0.1);
  }
}

}  // namespace
}  // namespace offcut::training::scaffold_test
