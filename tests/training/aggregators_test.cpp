// The servers' formulas, each beside plain loops.

#include <doctest/doctest.h>

#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>

#include "models/base/random.h"
#include "sim/training/aggregator.h"
#include "tests/parameters.h"
#include "tests/train/registries.h"
#include "tests/training/given.h"

namespace offcut::training::aggregators_test {
namespace {

const Registry<AggregatorKind>& kinds() {
  return train::filled_registry<AggregatorKind, register_aggregators>();
}

/// A network with weights and running statistics.
struct Net {
  Graph graph = made_network([](zoo::NetworkBuilder& net) {
    TensorId x = net.conv("conv", net.image(1, 4, 4), {.filters = 2, .kernel = 3, .bias = false});
    x = net.flatten("flatten", net.batch_norm("norm", x));
    return net.softmax("prob", net.dense("fc", x, 3));
  });
  train::Weights weights{graph, given_libraries().gradients};
  Layout layout{graph, weights};
};

std::unique_ptr<Aggregator> made(
    const std::string& name, const Layout& layout,
    const std::vector<std::pair<std::string, double>>& given = {},
    const std::vector<std::pair<std::string, std::string>>& texts = {}) {
  const AggregatorKind& kind = *kinds().find(name);
  Parameters parameters = defaults_but(kind.parameters, given);
  for (const auto& [key, text] : texts) {
    parameters.set(key, text);
  }
  return kind.make(parameters, {layout, 10, 4});
}

/// Rounds of random updates, by round.
std::vector<std::vector<Update>> random_rounds(const Layout& layout, int rounds) {
  RandomStream stream = random_stream(4, "random updates");
  boost::random::normal_distribution<double> normal(0, 0.1);
  boost::random::uniform_int_distribution<std::int64_t> size(1, 50);
  boost::random::uniform_int_distribution<std::int64_t> stale(0, 9);
  std::vector<std::vector<Update>> all(static_cast<std::size_t>(rounds));
  for (std::vector<Update>& round : all) {
    for (std::size_t client = 0; client < 4; ++client) {
      auto from = std::make_shared<State>(layout.size());
      Update update{.client = client, .samples = size(stream), .steps = 5};
      update.staleness = stale(stream);
      for (float& value : *from) {
        value = static_cast<float>(normal(stream));
        update.change.push_back(static_cast<float>(normal(stream)));
      }
      update.from = from;
      round.push_back(std::move(update));
    }
  }
  return all;
}

using Numbers = std::vector<double>;

Numbers mean_by_samples(const std::vector<Update>& updates) {
  Numbers mean(updates.front().change.size(), 0);
  double total = 0;
  for (const Update& update : updates) {
    total += static_cast<double>(update.samples);
    for (std::size_t i = 0; i < mean.size(); ++i) {
      mean[i] += static_cast<double>(update.samples) * static_cast<double>(update.change[i]);
    }
  }
  for (double& value : mean) {
    value /= total;
  }
  return mean;
}

/// Compares a server over rounds with a formula for the next numbers.
template <class F>
void check_rounds(const std::string& name, Aggregator& server, const Net& net, F next) {
  CAPTURE(name);
  State state(net.layout.size(), 0.5F);
  Numbers expected(state.size(), 0.5);
  for (const std::vector<Update>& updates : random_rounds(net.layout, 10)) {
    REQUIRE(server.apply(updates, state));
    next(updates, expected);
    double most = 0;
    for (std::size_t i = 0; i < state.size(); ++i) {
      most = std::max(most, std::abs(static_cast<double>(state[i]) - expected[i]));
    }
    CHECK(most < 1e-5);
  }
}

TEST_CASE("aggregators: states have weights, then running statistics") {
  const Net net;
  CHECK(net.layout.size() == net.layout.weights() + 4);  // Two means and two variances.
  CHECK(net.layout.weights() == 2 * 9 + 2 + 2 + 3 * 8 + 3);
  for (const Layout::Part& part : net.layout.parts()) {
    CHECK(part.is_statistic == (part.first >= net.layout.weights()));
  }
}

TEST_CASE("aggregators: every kind is documented, and keeps a state at rest") {
  const Net net;
  for (const auto& [name, kind] : kinds()) {
    CAPTURE(name);
    CHECK(!kind.doc.empty());
    CHECK(!kind.citation.empty());
    CHECK(kind.single_step == (name == "fedsgd"));
    CHECK((kind.schedule == AggregatorKind::Schedule::asynchronous) ==
          (name == "fedasync" || name == "fedbuff"));
    const auto server = made(name, net.layout);
    const auto start = std::make_shared<State>(net.layout.size(), 0.25F);
    State state = *start;
    for (int round = 0; round < 30; ++round) {
      Update still{.client = 1, .samples = 3, .steps = 1, .change = State(state.size(), 0)};
      still.from = start;
      server->apply(std::vector<Update>{still}, state);
    }
    CHECK(state == *start);
  }
}

TEST_CASE("aggregators: means, uniform and by samples") {
  const Net net;
  const auto by_samples = [](const std::vector<Update>& updates, Numbers& numbers) {
    const Numbers mean = mean_by_samples(updates);
    for (std::size_t i = 0; i < mean.size(); ++i) {
      numbers[i] += mean[i];
    }
  };
  for (const char* name : {"fedavg", "fedsgd", "fedprox"}) {
    check_rounds(name, *made(name, net.layout), net, by_samples);
  }
  for (const char* name : {"mean", "scaffold"}) {
    check_rounds(name, *made(name, net.layout), net,
                 [](const std::vector<Update>& updates, Numbers& numbers) {
                   for (const Update& update : updates) {
                     for (std::size_t i = 0; i < numbers.size(); ++i) {
                       numbers[i] += static_cast<double>(update.change[i]) / 4;
                     }
                   }
                 });
  }
}

TEST_CASE("aggregators: servers with moments follow their formulas") {
  const Net net;
  const std::size_t weights = net.layout.weights();
  const auto adaptive = [&](const std::string& name, auto next_v) {
    Numbers m(weights, 0);
    Numbers v(weights, 0.02 * 0.02);
    const auto server = made(
        name, net.layout, {{"server-rate", 0.1}, {"beta1", 0.8}, {"beta2", 0.95}, {"tau", 0.02}});
    check_rounds(name, *server, net, [&](const std::vector<Update>& updates, Numbers& numbers) {
      const Numbers d = mean_by_samples(updates);
      for (std::size_t i = 0; i < d.size(); ++i) {
        if (i >= weights) {
          numbers[i] += d[i];  // Running statistics.
          continue;
        }
        m[i] = 0.8 * m[i] + 0.2 * d[i];
        v[i] = next_v(v[i], d[i]);
        numbers[i] += 0.1 * m[i] / (std::sqrt(v[i]) + 0.02);
      }
    });
  };
  adaptive("fedadam", [](double v, double d) { return 0.95 * v + 0.05 * d * d; });
  adaptive("fedyogi", [](double v, double d) {
    return v - 0.05 * d * d * ((v - d * d > 0) - (v - d * d < 0));
  });
  Numbers velocity(weights, 0);
  check_rounds("fedavgm", *made("fedavgm", net.layout, {{"server-rate", 0.7}, {"momentum", 0.6}}),
               net, [&](const std::vector<Update>& updates, Numbers& numbers) {
                 const Numbers d = mean_by_samples(updates);
                 for (std::size_t i = 0; i < d.size(); ++i) {
                   if (i < weights) {
                     velocity[i] = 0.6 * velocity[i] + d[i];
                   }
                   numbers[i] += i < weights ? 0.7 * velocity[i] : d[i];
                 }
               });
}

TEST_CASE("aggregators: fedasync mixes clients' states by their staleness") {
  const Net net;
  const auto mixing = [&](const std::string& function, auto weight_of) {
    check_rounds(function,
                 *made("fedasync", net.layout, {{"alpha", 0.7}, {"a", 0.5}, {"b", 3}},
                       {{"staleness", function}}),
                 net, [&](const std::vector<Update>& updates, Numbers& numbers) {
                   for (const Update& update : updates) {
                     const double w = 0.7 * weight_of(static_cast<double>(update.staleness));
                     for (std::size_t i = 0; i < numbers.size(); ++i) {
                       const double own = static_cast<double>((*update.from)[i]) +
                                          static_cast<double>(update.change[i]);
                       numbers[i] = (1 - w) * numbers[i] + w * own;
                     }
                   }
                 });
  };
  mixing("constant", [](double) { return 1.0; });
  mixing("polynomial", [](double t) { return 1 / std::sqrt(t + 1); });
  mixing("hinge", [](double t) { return t <= 3 ? 1.0 : 1 / (0.5 * (t - 3) + 1); });

  State state(net.layout.size(), 0);
  Update without = random_rounds(net.layout, 1).front().front();
  without.from = nullptr;
  CHECK_THROWS_AS(made("fedasync", net.layout)->apply(std::vector<Update>{without}, state),
                  std::logic_error);
}

TEST_CASE("aggregators: fedbuff takes a step when its buffer is full") {
  const Net net;
  const std::size_t weights = net.layout.weights();
  for (const bool is_scaled : {true, false}) {
    const auto server = made("fedbuff", net.layout, {{"buffer", 3}, {"server-rate", 0.4}},
                             {{"scaling", is_scaled ? "root" : "none"}});
    State state(net.layout.size(), 0.5F);
    Numbers expected(state.size(), 0.5);
    Numbers sum(state.size(), 0);
    int held = 0;
    for (const std::vector<Update>& round : random_rounds(net.layout, 10)) {
      for (const Update& update : round) {
        const State before = state;
        const bool has_changed = server->apply(std::vector<Update>{update}, state);
        for (std::size_t i = 0; i < sum.size(); ++i) {
          const double scale = is_scaled && i < weights
                                   ? 1 / std::sqrt(1 + static_cast<double>(update.staleness))
                                   : 1;
          sum[i] += scale * static_cast<double>(update.change[i]);
        }
        CHECK(has_changed == (++held % 3 == 0));
        if (!has_changed) {
          CHECK(state == before);
          continue;
        }
        double most = 0;
        for (std::size_t i = 0; i < sum.size(); ++i) {
          expected[i] += (i < weights ? 0.4 : 1) * sum[i] / 3;
          sum[i] = 0;
          most = std::max(most, std::abs(static_cast<double>(state[i]) - expected[i]));
        }
        CHECK(most < 1e-5);
      }
    }
  }
}

TEST_CASE("aggregators: updates without weight or of other sizes are refused") {
  const Net net;
  State state(net.layout.size(), 0);
  const auto apply = [&](std::vector<Update> updates) {
    made("fedavg", net.layout)->apply(updates, state);
  };
  CHECK_THROWS_AS(apply({}), std::invalid_argument);
  CHECK_THROWS_AS(apply({{.samples = 0, .change = state}}), std::invalid_argument);
  CHECK_THROWS_AS(apply({{.samples = 1, .change = state}, {.samples = 1, .change = {1.0F}}}),
                  std::invalid_argument);
}

}  // namespace
}  // namespace offcut::training::aggregators_test
