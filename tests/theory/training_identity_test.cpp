// The identity of training: in an idle system, a round of a strategy takes exactly what the program
// predicts for it, part by part, as scenarios that users could write show. Every registered
// strategy and aggregator has cases here. Where a prediction is exact for alike devices alone, or
// for links that nobody shares, the strategy's cases are of that kind. The last cases are closed
// forms that are written down anew from the numbers in the scenario.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <map>

#include "models/base/random.h"
#include "tests/random_systems.h"
#include "training_run.h"

namespace offcut::theory_tests::training_identity_test {
namespace {

constexpr double kExact = 1e-9;

/// The systems in which a prediction is exact.
struct Conditions {
  bool shared = true;     // Messages begin together, so that they share a link in equal parts.
  bool deep = true;       // There may be a tier between the devices and the server.
  bool sites = true;      // It may have two sites.
  bool unlike = true;     // Groups of unlike devices, with a link for each device.
  bool unequal = true;    // Devices with different numbers of samples, where `unlike` may be.
  bool fraction = false;  // Some of the devices take part in a round, if all are alike.
  bool is_coded = false;  // Updates have a codec.
  bool is_loaded = true;  // Its data is loaded as `training.loading` says.
  bool is_step = false;   // A round is a step, of a batch of each device or of all of them.
  std::size_t most = 6;   // Devices.
};

/// A strategy as the scenario names it, with its own parameters.
struct Form {
  std::string strategy;
  Conditions conditions;
  std::string model = "model: mlp-s3";
};

/// The forms of a strategy. A new strategy has none, and fails the test.
std::vector<Form> forms_of(const std::string& strategy) {
  const Conditions models{.shared = false, .sites = false, .unlike = false, .unequal = false};
  Conditions peers = models;
  peers.is_step = true;
  Conditions ring = peers;
  ring.shared = true;
  ring.deep = false;
  const Conditions stages{.shared = false, .sites = false, .is_step = true, .most = 3};
  const Conditions rounds{.fraction = true, .is_coded = true};
  const std::map<std::string, std::vector<Form>> all = {
      {"rounds", {{"rounds", rounds}}},
      {"centralised", {{"centralised", {.is_loaded = false}}}},
      {"hierarchical",
       {{"hierarchical, edge-rounds: 1", {.unlike = false, .unequal = false, .is_coded = true}},
        {"hierarchical, edge-rounds: 3", {.unlike = false, .unequal = false}}}},
      {"data-parallel",
       {{"data-parallel, sync: server",
         {.unlike = false, .unequal = false, .is_coded = true, .is_step = true}},
        {"data-parallel, sync: ring", ring},
        {"data-parallel, sync: tree", peers},
        {"data-parallel, sync: gossip, mixing: full", peers},
        {"data-parallel, sync: gossip, mixing: ring", peers}}},
      {"gossip", {{"gossip, graph: full", models}, {"gossip, graph: ring", models}}},
      {"pipeline",
       {{"pipeline, over: devices, micro-batches: 3", stages},
        {"pipeline, over: devices, schedule: 1f1b, micro-batches: 4", stages},
        {"pipeline, over: tiers, micro-batches: 2", stages},
        {"pipeline, over: devices, micro-batches: 2", stages, "model: lenet5"}}},
      {"slices", {{"slices, direction: columns", peers}, {"slices, direction: rows", peers}}},
      {"split", {{"split", {}}, {"split, cut: fc1", {}}, {"split", {}, "model: lenet5"}}},
      {"split-fed",
       {{"split-fed, server: averaged", {}}, {"split-fed, cut: fc1, server: averaged", {}}}},
      {"vertical",
       {{"vertical",
         {.unequal = false, .is_step = true, .most = 4},
         "joint: {hidden: [6], embedding: 4}"}}},
      {"edge-adaptation", {{"edge-adaptation", {}}, {"edge-adaptation, layers: 2", {}}}}};
  const auto found = all.find(strategy);
  return found == all.end() ? std::vector<Form>() : found->second;
}

/// Writes a random scenario of an idle system.
class RandomScenario {
 public:
  RandomScenario(const std::string& key, std::uint64_t seed) : stream_(random_stream(seed, key)) {}

  std::string text(const Form& form) {
    const Conditions& may = form.conditions;
    const bool is_vertical = form.strategy.starts_with("vertical");
    const bool needs_edge = form.strategy.starts_with("hierarchical");
    std::size_t devices = 1 + below(may.most);
    if (is_vertical || may.most == 3) {
      devices = is_vertical ? 2 + 2 * below(2) : 2 + below(2);  // 784 features in equal parts.
    }
    const bool is_deep = needs_edge || (may.deep && one_in(3));
    const bool is_unlike = !is_deep && may.unlike && devices > 1 && one_in(2);
    const bool is_shared = !is_unlike && may.shared && one_in(2);
    const bool has_sites = is_deep && may.sites && (needs_edge || one_in(2));
    if (has_sites) {
      devices += devices % 2;
    }
    // All steps of a round that is one step have full batches, so that all are alike.
    const std::size_t batch = one_in(2) ? 0 : 4 + below(6);
    const bool is_step = may.is_step && batch > 0;
    const bool is_unequal = !is_shared && !is_deep && may.unequal && !is_step && one_in(2);
    const std::size_t each = is_step ? batch * (1 + below(3)) : 4 + below(20);
    const std::size_t samples = devices * each + (is_unequal ? below(devices) : 0);
    const bool has_fraction = may.fraction && !is_unlike && !is_unequal && one_in(2);

    std::string tiers, network;
    if (is_unlike) {
      const std::size_t first = 1 + below(devices - 1);
      tiers = fmt::format(
          "  device:\n    groups:\n      one: {{is: raspberry-pi-4b, count: {}, "
          "network: {}}}\n      other: {{is: {}, count: {}, network: {}}}\n",
          first, link(false), machine(), devices - first, link(false));
    } else {
      tiers = fmt::format("  device: {{is: {}, count: {}}}\n", machine(), devices);
      network = fmt::format("  device-{}: {}\n", is_deep ? "edge" : "cloud", link(is_shared));
    }
    if (is_deep) {
      const std::size_t sites = has_sites ? 2 : 1;
      tiers += fmt::format("  edge: {{is: jetson-xavier-nx, count: {}, sites: {}, cores: {}}}\n",
                           sites, sites, devices);
      network += fmt::format("  edge-cloud: {}\n", link(false));
    }
    tiers += fmt::format("  cloud: {{is: t4, cores: {}}}\n", devices);
    std::string more = is_vertical ? "" : "  data: {split: iid}\n";
    if (may.is_coded && one_in(2)) {
      more += "  codec: int8\n";
    }
    if (may.is_loaded && one_in(2)) {
      more +=
          one_in(2) ? "  loading: {from: disk, rate: 3 MB/s}\n" : "  loading: {from: network}\n";
    }
    return fmt::format(
        "offcut: 1\nseed: {}\ntiers:\n{}{}training:\n  {}\n"
        "  dataset: \"blobs:samples={},tests=5,features=784,classes=10\"\n"
        "  strategy: {{name: {}, rounds: 2, rate: 0.001, batch: {}{}{}}}\n{}",
        1 + below(1000), tiers, network.empty() ? "" : "network:\n" + network, form.model, samples,
        form.strategy, batch, may.is_step || one_in(2) ? "" : ", local-epochs: 2",
        has_fraction ? ", fraction: 0.5" : "", more);
  }

  bool one_in(std::size_t count) { return below(count) == 0; }
  std::size_t below(std::size_t count) {
    return boost::random::uniform_int_distribution<std::size_t>(0, count - 1)(stream_);
  }

 private:
  double between(double least, double most) {
    return least * std::pow(most / least, boost::random::uniform_01<double>()(stream_));
  }
  std::string machine() {
    const char* machines[] = {"raspberry-pi-4b", "snapdragon-865", "jetson-xavier-nx"};
    return machines[below(3)];
  }
  std::string link(bool is_shared) {
    return fmt::format(
        "{{up: {:.6g} MB/s, down: {:.6g} MB/s, latency: {:.6g} ms, payload: {}, "
        "transport: none{}}}",
        between(0.1, 30), between(0.1, 30), one_in(4) ? 0 : between(0.1, 50), one_in(2) ? 1 : 0.9,
        is_shared ? ", shared: true" : "");
  }

  RandomStream stream_;
};

doctest::Approx about(double value, double scale) {
  return doctest::Approx(value).epsilon(kExact).scale(scale);
}

/// The rounds of these systems are alike, and so are those that the program rehearses.
void check_rehearsal(const study::TrainingForecast& rehearsal,
                     const training::RoundForecast& closed) {
  const double scale = closed.round.si();
  CHECK(rehearsal.rehearsed == 2);
  CHECK(rehearsal.mean.round.si() == about(scale, scale));
  CHECK(rehearsal.shortest.si() == about(scale, scale));
  CHECK(rehearsal.longest.si() == about(scale, scale));
  CHECK(rehearsal.mean.compute.si() == about(closed.compute.si(), scale));
  CHECK(rehearsal.mean.communication.si() == about(closed.communication.si(), scale));
  CHECK(rehearsal.mean.waiting.si() == about(closed.waiting.si(), scale));
  CHECK(rehearsal.mean.bytes_up.si() == about(closed.bytes_up.si(), 1));
  CHECK(rehearsal.mean.bytes_down.si() == about(closed.bytes_down.si(), 1));
  CHECK(rehearsal.mean.loading.si() == about(closed.loading.si(), scale));
  CHECK(rehearsal.mean.level_of == closed.level_of);
}

void check_identity(const TrainedScenario& run) {
  const training::RoundForecast& forecast = run.forecast;
  check_rehearsal(run.rehearsal, forecast);
  REQUIRE(run.rounds.size() == 2);
  CHECK(forecast.round.si() > 0);
  const double scale = forecast.round.si();
  CHECK(run.loading == about(forecast.loading.si(), scale));
  for (const TimedRound& round : run.rounds) {
    CHECK(round.length() == about(scale, scale));
    CHECK(round.compute == about(forecast.compute.si(), scale));
    CHECK(round.communication == about(forecast.communication.si(), scale));
    CHECK(round.waiting == about(forecast.waiting.si(), scale));
    CHECK(round.bytes_up == about(forecast.bytes_up.si(), 1));
    CHECK(round.bytes_down == about(forecast.bytes_down.si(), 1));
  }
  CHECK(run.level_of == forecast.level_of);
}

const scenario::Registries& registries() {
  static const scenario::Registries all;
  return all;
}

/// An asynchronous server of alike devices makes a state whenever its buffer is full. From one
/// way of the devices to the next one, the states repeat themselves: their mean is the forecast's.
void check_asynchronous(const std::string& aggregator, std::uint64_t seed) {
  RandomScenario random(aggregator, seed);
  const std::size_t buffer = aggregator == "fedbuff" ? 1 + random.below(3) : 1;
  const std::size_t at_work = buffer * (1 + random.below(3));
  const std::size_t devices = at_work * (1 + random.below(2));
  const std::size_t states = at_work / buffer;  // During a way of the devices.
  const std::string text = fmt::format(
      "offcut: 1\nseed: {}\ntiers:\n  device: {{is: raspberry-pi-4b, count: {}}}\n"
      "  cloud: {{is: t4, count: {}}}\n"
      "network:\n  device-cloud: {{up: 4 MB/s, down: 9 MB/s, latency: {} ms, transport: none}}\n"
      "training:\n  model: mlp-s3\n"
      "  dataset: \"blobs:samples={},tests=5,features=784,classes=10\"\n"
      "  strategy: {{name: {}, rounds: {}, rate: 0.001, batch: 4, fraction: {:.17g}{}}}\n{}",
      seed, devices, 1 + random.below(2), random.below(30), devices * (4 + random.below(9)),
      aggregator, 3 * states, static_cast<double>(at_work) / static_cast<double>(devices),
      aggregator == "fedbuff" ? fmt::format(", buffer: {}", buffer) : "",
      random.one_in(2) ? "  codec: int8\n" : "");
  INFO(text);
  const TrainedScenario run = train_scenario(text, registries());
  REQUIRE(run.rounds.size() == 3 * states);
  const double way = static_cast<double>(states) * run.forecast.round.si();
  for (std::size_t i = 0; i + states < run.rounds.size(); ++i) {
    CHECK(run.rounds[i + states].end - run.rounds[i].end == about(way, way));
  }
  CHECK(run.rehearsal.first == static_cast<std::int64_t>(states) + 1);
  CHECK(run.rehearsal.mean.round.si() == about(run.forecast.round.si(), way));
}

}  // namespace

TEST_CASE("identity: every strategy, in random idle systems") {
  std::size_t strategies = 0;
  for (const auto& [name, kind] : registries().strategies) {
    if (kind.aggregates && kind.schedule == training::AggregatorKind::Schedule::asynchronous) {
      continue;  // See below.
    }
    CAPTURE(name);
    const std::vector<Form> forms = forms_of(name);
    CHECK(!forms.empty());
    strategies += forms.empty() ? 0U : 1U;
    for (const Form& form : forms) {
      for (std::uint64_t seed = 1; seed <= random_systems(8); ++seed) {
        RandomScenario random(form.strategy, seed);
        const std::string text = random.text(form);
        INFO(text);
        check_identity(train_scenario(text, registries(), random.one_in(2)));
      }
    }
  }
  CHECK(strategies >= 10);
}

TEST_CASE("identity: every aggregator, with the strategy of its schedule") {
  std::size_t asynchronous = 0;
  for (const auto& [name, kind] : registries().aggregators) {
    CAPTURE(name);
    for (std::uint64_t seed = 1; seed <= random_systems(4); ++seed) {
      if (kind.schedule == training::AggregatorKind::Schedule::asynchronous) {
        check_asynchronous(name, seed);
        ++asynchronous;
        continue;
      }
      RandomScenario random(name, seed);
      const std::string text = random.text({name, {.is_coded = name != "fedsgd"}});
      INFO(text);
      check_identity(train_scenario(text, registries(), random.one_in(2)));
    }
  }
  CHECK(asynchronous > 0);
}

namespace {

constexpr double kUp = 1e6, kDown = 2.5e6, kLatency = 0.02;
constexpr std::size_t kDevices = 4, kBatch = 6;

/// Devices with a batch of samples each.
TrainedScenario by_hand(const std::string& strategy, bool is_shared, const std::string& unlike = "",
                        bool own_links = true) {
  const std::string devices =
      unlike.empty() ? fmt::format("  device: {{is: raspberry-pi-4b, count: {}}}\n", kDevices)
                     : unlike;
  const std::string network =
      unlike.empty() ? fmt::format(
                           "network:\n  device-cloud: {{up: 1 MB/s, down: 2.5 MB/s, latency: "
                           "20 ms, transport: none{}}}\n",
                           is_shared ? ", shared: true" : "")
                     : "";
  return train_scenario(
      fmt::format("offcut: 1\nseed: 1\ntiers:\n{}  cloud: {{is: t4}}\n{}training:\n"
                  "  model: softmax-regression\n"
                  "  dataset: \"blobs:samples={},tests=5,features=784,classes=10\"\n"
                  "  strategy: {{name: {}, rounds: 2, rate: 0.001, batch: {}}}\n",
                  devices, network, kDevices * kBatch, strategy, kBatch),
      registries(), own_links);
}

constexpr double kState = 4 * (784 * 10 + 10);
constexpr double up_time(double bytes) { return kLatency + bytes / kUp; }
constexpr double down_time(double bytes) { return kLatency + bytes / kDown; }

void check_length(const TrainedScenario& run, double expected) {
  REQUIRE(run.rounds.size() == 2);
  CHECK(run.state_bytes == kState);
  CHECK(run.forecast.round.si() == about(expected, expected));
  for (const TimedRound& round : run.rounds) {
    CHECK(round.length() == about(expected, expected));
  }
}

}  // namespace

TEST_CASE("closed forms of scenarios: a round is its slowest client's way, and the updates") {
  for (const bool own_links : {true, false}) {
    const TrainedScenario alike = by_hand("fedavg", false, "", own_links);
    check_length(alike,
                 down_time(kState) + alike.step + up_time(kState) + kDevices * alike.server_update);
    // The others compute as fast, but their links are slower in one direction or in both.
    const auto groups = [](double up, double down) {
      return fmt::format(
          "  device:\n    groups:\n"
          "      near: {{is: raspberry-pi-4b, count: 3, network: {{up: 1 MB/s, down: "
          "2.5 MB/s, latency: 20 ms, transport: none}}}}\n"
          "      far: {{is: raspberry-pi-4b, count: 1, network: {{up: {} MB/s, down: "
          "{} MB/s, latency: 50 ms, transport: none}}}}\n",
          up, down);
    };
    for (const auto& [up, down] :
         {std::pair(0.5, 1.0), std::pair(0.8, 9.0), std::pair(50.0, 50.0)}) {
      const TrainedScenario unlike = by_hand("fedavg", false, groups(up, down), own_links);
      const double far = 0.05 + kState / (down * 1e6) + unlike.step + 0.05 + kState / (up * 1e6);
      const double near = down_time(kState) + unlike.step + up_time(kState);
      check_length(unlike, std::max(near, far) + kDevices * unlike.server_update);
    }
  }
}

TEST_CASE("closed forms of scenarios: a parameter server whose workers share a link") {
  for (const bool is_shared : {false, true}) {
    for (const bool own_links : {true, false}) {
      const TrainedScenario run = by_hand("data-parallel, sync: server", is_shared, "", own_links);
      const double together = is_shared ? kDevices : 1;
      check_length(run, run.gradient + up_time(together * kState) + kDevices * run.server_update +
                            down_time(together * kState));
    }
  }
}

TEST_CASE("closed forms of scenarios: ring all-reduce is 2 (n - 1) (alpha + bytes / (n beta))") {
  for (const bool own_links : {true, false}) {
    const TrainedScenario run = by_hand("data-parallel, sync: ring", false, "", own_links);
    constexpr double n = kDevices;
    // A chunk goes up and down again: two latencies, and two rates one after the other.
    constexpr double alpha = 2 * kLatency;
    const double beta = 1 / (1 / kUp + 1 / kDown);
    check_length(run,
                 run.gradient + run.device_update + 2 * (n - 1) * (alpha + kState / (n * beta)));
  }
}

}  // namespace offcut::theory_tests::training_identity_test
