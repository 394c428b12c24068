// The rehearsal of training: in an idle system, however unlike its devices and links are, the
// rounds that the program predicts are those of the run, part by part. The run is simulated with
// its mathematics, and the prediction without. Every registered strategy has cases here.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <map>
#include <set>

#include "models/base/random.h"
#include "training_run.h"

namespace offcut::theory_tests::training_rehearsal_test {
namespace {

constexpr double kExact = 1e-9;

/// A strategy as the scenario names it, with its own parameters.
struct Form {
  std::string strategy;
  std::string model = "model: mlp-s3";
  std::string more = "";  // Of the section.
};

/// The forms by registered strategy. A new strategy has none, and fails the test.
const std::map<std::string, std::vector<Form>>& all_forms() {
  static const std::map<std::string, std::vector<Form>> all = {
      {"rounds",
       {{"fedavg"},
        {"fedavg, fraction: 0.5"},
        {"scaffold"},
        {"fedavg, fraction: 0.4, over-selection: 0.8"},
        {"fedavg, deadline: 300 ms"},
        {"fedavg, deadline: 400 ms, partial-work: true"},
        {"fedavg", "model: mlp-s3", "  selection: power-of-choice\n"}}},
      {"asynchronous", {{"fedasync"}, {"fedasync, fraction: 0.5"}, {"fedbuff, buffer: 2"}}},
      {"centralised", {{"centralised"}}},
      {"hierarchical", {{"hierarchical, edge-rounds: 1"}, {"hierarchical, edge-rounds: 3"}}},
      {"data-parallel",
       {{"data-parallel, sync: server"},
        {"data-parallel, sync: ring"},
        {"data-parallel, sync: tree"},
        {"data-parallel, sync: gossip, mixing: full"},
        {"data-parallel, sync: gossip, mixing: ring"}}},
      {"gossip", {{"gossip, graph: full"}, {"gossip, graph: ring"}}},
      {"pipeline",
       {{"pipeline, over: devices, micro-batches: 3", "model: lenet5"},
        {"pipeline, over: devices, schedule: 1f1b, micro-batches: 4", "model: lenet5"},
        {"pipeline, over: tiers, micro-batches: 2"}}},
      {"slices", {{"slices, direction: columns"}, {"slices, direction: rows"}}},
      {"split", {{"split"}, {"split, cut: fc1"}}},
      {"split-fed", {{"split-fed, server: averaged"}}},
      {"vertical", {{"vertical", "joint: {hidden: [6], embedding: 4}"}}},
      {"edge-adaptation", {{"edge-adaptation"}}}};
  return all;
}

/// Writes a random scenario of an idle system with unlike groups of devices.
class RandomScenario {
 public:
  RandomScenario(const std::string& key, std::uint64_t seed) : stream_(random_stream(seed, key)) {}

  std::string text(const Form& form, std::int64_t rounds) {
    const bool is_vertical = form.strategy.starts_with("vertical");
    const bool needs_edge = form.strategy.starts_with("hierarchical");
    const bool is_deep = needs_edge || one_in(2);
    const std::size_t sites = is_deep && (needs_edge || one_in(2)) ? 2 : 1;
    const std::size_t first = 1 + below(2);
    const std::size_t devices = is_vertical ? 4 : 2 * (first + below(2));
    const bool has_tcp = one_in(2);
    std::string text = fmt::format(
        "offcut: 1\nseed: {}\ntiers:\n  device:\n    groups:\n"
        "      one: {{is: {}, count: {}, network: {}}}\n"
        "      other: {{is: {}, count: {}, network: {}}}\n",
        1 + below(1000), machine(), first, link(has_tcp, one_in(3)), machine(), devices - first,
        link(has_tcp, one_in(3)));
    if (is_deep) {
      text += fmt::format("  edge: {{is: jetson-xavier-nx, count: {}, sites: {}, cores: {}}}\n",
                          sites, sites, 1 + below(3));
    }
    text += fmt::format("  cloud: {{is: t4, cores: {}}}\n", 1 + below(3));
    if (is_deep) {
      text += fmt::format("network: {{edge-cloud: {}}}\n", link(has_tcp && one_in(2), false));
    }
    const std::size_t batch = one_in(3) ? 0 : 4 + below(6);
    std::string more = form.more + (is_vertical ? "" : "  data: {split: iid}\n");
    if (form.strategy.starts_with("fed") && one_in(2)) {
      more += "  codec: int8\n";
    }
    if (one_in(2)) {
      more +=
          one_in(2) ? "  loading: {from: disk, rate: 3 MB/s}\n" : "  loading: {from: network}\n";
    }
    return text + fmt::format(
                      "training:\n  {}\n"
                      "  dataset: \"blobs:samples={},tests=5,features=784,classes=10\"\n"
                      "  strategy: {{name: {}, rounds: {}, rate: 0.001, batch: {}}}\n{}",
                      form.model, devices * (4 + below(16)) + below(devices), form.strategy, rounds,
                      batch, more);
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
  std::string link(bool has_tcp, bool is_shared) {
    return fmt::format(
        "{{up: {:.6g} MB/s, down: {:.6g} MB/s, latency: {:.6g} ms, payload: 0.9, "
        "transport: {}{}}}",
        between(0.1, 30), between(0.1, 30), one_in(4) ? 0 : between(0.1, 50),
        has_tcp ? "tcp" : "none", is_shared ? ", shared: true" : "");
  }

  RandomStream stream_;
};

doctest::Approx about(double value, double scale) {
  return doctest::Approx(value).epsilon(kExact).scale(scale);
}

/// Compares the prediction with the same rounds of the run.
void check(const TrainedScenario& run) {
  const study::TrainingForecast& predicted = run.rehearsal;
  REQUIRE(predicted.rehearsed > 0);
  const auto first = static_cast<std::size_t>(predicted.first) - 1;
  const std::size_t end = first + static_cast<std::size_t>(predicted.rehearsed);
  REQUIRE(end <= run.rounds.size());
  TimedRound sum;
  double length = 0, shortest = INFINITY, longest = 0;
  for (std::size_t i = first; i < end; ++i) {
    const TimedRound& round = run.rounds[i];
    length += round.length();
    shortest = std::min(shortest, round.length());
    longest = std::max(longest, round.length());
    sum.compute += round.compute;
    sum.communication += round.communication;
    sum.waiting += round.waiting;
    sum.bytes_up += round.bytes_up;
    sum.bytes_down += round.bytes_down;
    sum.selected += round.selected;
    sum.late += round.late;
  }
  const auto count = static_cast<double>(predicted.rehearsed);
  const double scale = length / count;
  const training::RoundForecast& mean = predicted.mean;
  CHECK(mean.round.si() == about(scale, scale));
  CHECK(mean.compute.si() == about(sum.compute / count, scale));
  CHECK(mean.communication.si() == about(sum.communication / count, scale));
  CHECK(mean.waiting.si() == about(sum.waiting / count, scale));
  CHECK(mean.bytes_up.si() == about(sum.bytes_up / count, 1));
  CHECK(mean.bytes_down.si() == about(sum.bytes_down / count, 1));
  CHECK(mean.loading.si() == about(run.loading, scale));
  CHECK(mean.level_of == run.level_of);
  CHECK(predicted.shortest.si() == about(shortest, scale));
  CHECK(predicted.longest.si() == about(longest, scale));
  CHECK(predicted.selected == sum.selected);
  CHECK(predicted.late == sum.late);
}

const scenario::Registries& registries() {
  static const scenario::Registries all;
  return all;
}

}  // namespace

TEST_CASE("rehearsal: every strategy, among unlike devices") {
  std::set<std::string> met;
  for (const auto& [name, kind] : registries().strategies) {
    CAPTURE(name);
    REQUIRE(all_forms().contains(name));
    for (const Form& form : all_forms().at(name)) {
      for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        RandomScenario random(form.strategy, seed);
        const std::string text = random.text(form, 3);
        INFO(text);
        const TrainedScenario run = train_scenario(text, registries(), random.one_in(2));
        check(run);
        if (run.rounds.size() == 3) {
          CHECK(run.rehearsal.all.si() == about(run.rounds.back().end, run.rounds.back().end));
        }
        const double scale = run.rehearsal.mean.round.si();
        if (std::abs(run.forecast.round.si() - scale) > 1e-3 * scale) {
          met.insert(name);
        }
      }
    }
  }
  // Where there are messages, the systems are such that closed forms fail.
  CHECK(met.size() >= 8);
}

TEST_CASE("rehearsal: of many rounds, the first ones are a sample") {
  for (const char* strategy : {"fedavg", "fedavg, fraction: 0.5", "fedasync", "fedbuff, buffer: 3",
                               "data-parallel, sync: ring"}) {
    RandomScenario random(strategy, 7);
    const std::string text = random.text({strategy}, 40);
    INFO(text);
    const TrainedScenario run = train_scenario(text, registries());
    check(run);
    const bool is_in_turns = std::string(strategy).starts_with("fedasync");
    CHECK(run.rehearsal.rehearsed < (is_in_turns ? 40 : 37));
  }
}

TEST_CASE("rehearsal: the end of all rounds goes on from the first ones") {
  // Connections are warm from the second round on, and the rounds alike.
  const std::string text =
      "offcut: 1\nseed: 1\ntiers:\n  device: {is: raspberry-pi-4b, count: 4}\n"
      "  cloud: {is: t4}\nnetwork:\n  device-cloud: {up: 8 MB/s, down: 20 MB/s, latency: 30 ms, "
      "transport: {tcp: {idle-restart: false}}}\ntraining:\n  model: mlp-s3\n"
      "  dataset: \"blobs:samples=40,tests=5,features=784,classes=10\"\n"
      "  strategy: {name: fedavg, rounds: 25, rate: 0.001, batch: 5}\n";
  const TrainedScenario run = train_scenario(text, registries());
  REQUIRE(run.rounds.size() == 25);
  CHECK(run.rehearsal.rehearsed == study::kRehearsedRounds);
  CHECK(run.rehearsal.longest > 1.01 * run.rehearsal.shortest);
  CHECK(run.rehearsal.all.si() == about(run.rounds.back().end, run.rounds.back().end));
}

namespace {

/// `device`, `link` and `more` are further settings.
std::string idle_text(const std::string& device, const std::string& link, const std::string& more) {
  return fmt::format(
      "offcut: 1\nseed: 1\ntiers:\n  device: {{is: jetson-nano, count: 4{}}}\n"
      "  cloud: {{is: t4{}}}\nnetwork:\n  device-cloud: {{up: 1 MB/s, down: 2.5 MB/s, transport: "
      "none, {}}}\n{}training:\n  model: softmax-regression\n"
      "  dataset: \"blobs:samples=40,tests=5,features=784,classes=10\"\n"
      "  strategy: {{name: fedavg, rounds: 4, rate: 0.001, batch: 5}}\n",
      device, device.empty() ? "" : ", noise: {kind: exponential}", link, more);
}

}  // namespace

TEST_CASE("rehearsal: the system is idle, with its means") {
  const study::TrainingForecast idle =
      rehearsed_scenario(idle_text("", "latency: 30 ms", ""), registries());
  const study::TrainingForecast busy = rehearsed_scenario(
      idle_text(
          ", noise: {kind: lognormal, cv: 30 %}, battery: {capacity: 1 J}",
          "latency: 20 ms, jitter: {kind: exponential, mean: 10 ms}, loss: {probability: 2 %}, "
          "radio: {base: 1 W, per-mbit-up: 1 mW, per-mbit-down: 1 mW}",
          "plan: {algorithm: device-only}\nworkload: {arrivals: poisson, rate: 50 /s}\n"
          "failures: {device: {up: 100 ms, down: 50 ms}}\nstop: {after: 100 ms}\n"),
      registries());
  CHECK(idle.rehearsed == 4);
  CHECK(busy.rehearsed == 4);
  CHECK(busy.mean.round.si() == about(idle.mean.round.si(), 1));
  CHECK(busy.longest.si() == about(idle.longest.si(), 1));
  CHECK(busy.all.si() == about(idle.all.si(), 1));
}

TEST_CASE("rehearsal: what takes too long is in closed form, and says why") {
  const auto text = [](const char* strategy, std::size_t devices, std::size_t samples) {
    return fmt::format(
        "offcut: 1\nseed: 1\ntiers:\n  device: {{is: raspberry-pi-4b, count: {}}}\n"
        "  cloud: {{is: t4}}\nnetwork:\n  device-cloud: {{up: 8 MB/s, down: 20 MB/s, latency: "
        "30 ms}}\ntraining:\n  model: mlp-s3\n"
        "  dataset: \"blobs:samples={},tests=5,features=784,classes=10\"\n"
        "  strategy: {{name: {}, rounds: 9, rate: 0.001, batch: 1}}\n",
        devices, samples, strategy);
  };
  const study::TrainingForecast many = rehearsed_scenario(text("gossip", 1001, 1001), registries());
  CHECK(many.rehearsed == 0);
  CHECK(many.mean.round.si() > 0);
  CHECK(many.all.si() == about(9 * many.mean.round.si(), many.all.si()));
  CHECK(many.reason == "1001 devices in a round are more than the 500 that are simulated");
  const study::TrainingForecast few =
      rehearsed_scenario(text("'fedavg', fraction: 0.01", 1001, 1001), registries());
  CHECK(few.rehearsed == 9);
  const study::TrainingForecast deep =
      rehearsed_scenario(text("split-fed, local-epochs: 300", 500, 500), registries());
  CHECK(deep.rehearsed == 0);
  CHECK(deep.reason == "a round has more than 400000 computations and messages");
}

}  // namespace offcut::theory_tests::training_rehearsal_test
