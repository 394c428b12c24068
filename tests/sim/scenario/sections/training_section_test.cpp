#include "sim/scenario/sections/training_section.h"

#include <doctest/doctest.h>

#include "../messages.h"
#include "../read_text.h"

namespace offcut::scenario::training_section_test {
namespace {

/// Reads a scenario that only trains, on four devices, an edge and a cloud.
Scenario read(const std::string& training, const std::string& rest = "") {
  return read_text(
      "offcut: 1\n"
      "tiers: {device: {is: raspberry-pi-4b, count: 4}, edge: {is: t4}, cloud: {is: a100}}\n"
      "network: {device-edge: {is: wifi}, edge-cloud: {is: wan-100m}}\n" +
      rest + "training: " + training + "\n");
}

Messages wrong(const std::string& training, const std::string& rest = "") {
  return messages_of([&] { read(training, rest); });
}

/// The scenario that its resolved form describes.
Scenario read_again(const Scenario& scenario) { return read_text(to_yaml(scenario.resolved)); }

}  // namespace

TEST_CASE("training section: a scenario that only trains has neither requests nor an end") {
  const Scenario s = read("{model: lenet5, dataset: digits, strategy: fedavg}");
  REQUIRE(s.training);
  CHECK(!s.has_requests);
  CHECK(!s.stop.requests);
  CHECK(!s.stop.after);
  REQUIRE(s.models.size() == 1);
  CHECK(s.models[0].source_name == "lenet5");
  CHECK(s.models[0].section == "training");
  CHECK(s.models[0].plan.algorithm->baseline == partition::Baseline::first_tier);
  CHECK(s.compare.empty());
  REQUIRE(s.classes.size() == 1);
  CHECK(s.classes[0].arrival_kind->name == "none");
  CHECK(s.training->model == 0U);
  CHECK(s.resolved.find("workload") == nullptr);
  CHECK(s.resolved.find("stop") == nullptr);
  CHECK(s.resolved.find("plan") == nullptr);
}

TEST_CASE("training section: an aggregator's name stands for the strategy of its schedule") {
  const Scenario rounds =
      read("{model: lenet5, dataset: digits, strategy: {name: fedprox, mu: 0.5}}");
  CHECK(rounds.training->strategy->name == "rounds");
  CHECK(rounds.training->aggregator.kind->name == "fedprox");
  CHECK(rounds.training->aggregator.parameters.at("mu") == 0.5);
  CHECK(rounds.training->method() == "fedprox");
  const Scenario buffered = read("{model: lenet5, dataset: digits, strategy: fedbuff}");
  CHECK(buffered.training->strategy->name == "asynchronous");
  CHECK(buffered.training->method() == "fedbuff");
  const Scenario named = read(
      "{model: lenet5, dataset: digits, "
      "strategy: {name: rounds, aggregator: {name: fedprox, mu: 0.25}}}");
  CHECK(named.training->strategy->name == "rounds");
  CHECK(named.training->aggregator.kind->name == "fedprox");
  CHECK(named.training->aggregator.parameters.at("mu") == 0.25);
  CHECK(named.training->method() == "rounds");
  CHECK(
      read("{model: lenet5, dataset: digits, strategy: rounds}").training->aggregator.kind->name ==
      "fedavg");
}

TEST_CASE("training section: all settings, and the resolved scenario reads the same") {
  const Scenario s = read(
      "{model: lenet5, init: 7, dataset: digits, strategy: {name: fedavg, rounds: 12, fraction: "
      "50 %, local-epochs: 3, batch: 0, rate: 0.02, rate-decay: 0.9, deadline: 2 s, partial-work: "
      "true, over-selection: 0.3}, data: {split: dirichlet, alpha: 0.3}, selection: uniform, "
      "codec: "
      "int8, loading: {from: disk, rate: 10 MB/s}, stop: {accuracy: 90 %, after: 1 h}, server: "
      "edge, loss: cross-entropy, optimizer: \"sgd:decay=0.5\", clip: 2, only: [\"fc*\"], "
      "freeze: \"fc5*\", judge-every: 4}");
  for (const Scenario& read : {s, read_again(s)}) {
    REQUIRE(read.training);
    const TrainingChoice& t = *read.training;
    CHECK(t.init == 7U);
    CHECK(t.dataset == "digits");
    CHECK(t.settings.rounds == 12);
    CHECK(t.settings.fraction == 0.5);
    CHECK(t.settings.local_epochs == 3);
    CHECK(t.settings.batch == 0);
    CHECK(t.settings.rate == 0.02);
    CHECK(t.settings.rate_decay == 0.9);
    CHECK(t.settings.deadline == Seconds(2));
    CHECK(t.settings.partial_work);
    CHECK(t.settings.over_selection == 0.3);
    CHECK(t.settings.server_level == 1);
    CHECK(t.split.kind->name == "dirichlet");
    CHECK(t.split.parameters.at("alpha") == 0.3);
    CHECK(t.selection.kind->name == "uniform");
    CHECK(t.codec_text == "int8");
    CHECK(t.codec != nullptr);
    CHECK(t.loading.from == training::Loading::From::disk);
    CHECK(t.loading.disk == BytesPerSecond(1e7));
    CHECK(t.stop.accuracy == 0.9);
    CHECK(t.stop.after == Seconds(3600));
    CHECK(t.loss->name == "cross-entropy");
    CHECK(t.optimizer.name == "sgd");
    CHECK(t.optimizer.parameters.at("decay") == 0.5);
    CHECK(t.clip == 2);
    CHECK(t.weights.only == std::vector<std::string>{"fc*"});
    CHECK(t.weights.freeze == std::vector<std::string>{"fc5*"});
    CHECK(t.judge_every == 4);
  }
  CHECK(to_yaml(read_again(s).resolved) == to_yaml(s.resolved));
}

TEST_CASE("training section: with requests, any of the scenario's models is trained, or another") {
  const std::string requests =
      "stop: {requests: 5}\n"
      "plan: {algorithm: neurosurgeon}\n"
      "workload: {arrivals: poisson, rate: 1 /s, model: a}\n"
      "models: {a: {zoo: lenet5}";
  CHECK(read("{model: b, dataset: digits, strategy: fedavg}", requests + ", b: {zoo: mlp-s3}}\n")
            .training->model == 1U);
  CHECK(read("{model: a, dataset: digits, strategy: fedavg}", requests + "}\n").has_requests);
  CHECK(!read("{model: mlp-s3, dataset: digits, strategy: fedavg}", requests + "}\n")
             .training->model);
}

TEST_CASE("training section: what does not fit together is an error at its key") {
  CHECK(
      wrong("{model: lenet5, dataset: digits, strategy: {name: fedavg, partial-work: true}}") ==
      Messages{"4:83 training.strategy.partial-work: needs 'deadline', which cuts the work of slow "
               "devices short"});
  CHECK(
      wrong("{model: lenet5, dataset: digits, strategy: fedavgg}") ==
      Messages{"4:54 training.strategy.name: unknown strategy 'fedavgg'; did you mean 'fedavg'?"});
  CHECK(wrong("{model: lenet5, dataset: digits, strategy: fedavg, loading: {from: disk}}") ==
        Messages{"4:71 'training.loading.rate' is missing"});
  CHECK(wrong("{model: lenet5, dataset: digits, strategy: fedavg, server: edg}") ==
        Messages{"4:70 training.server: unknown tier 'edg'; did you mean 'edge'?"});
  CHECK(wrong("{model: lenet5, dataset: digits, strategy: fedavg, loss: mse2}").size() == 1);
  CHECK(wrong("{model: lenet55, dataset: digits, strategy: fedavg}").size() == 1);
  CHECK(wrong("{dataset: digits, strategy: fedavg}").size() == 1);
}

TEST_CASE("training section: without it, requests are required as before") {
  CHECK(messages_of([] {
          read_text(
              "offcut: 1\n"
              "model: {zoo: lenet5}\n"
              "tiers: {device: {is: raspberry-pi-4b}, cloud: {is: t4}}\n"
              "network: {device-cloud: {is: wifi}}\n");
        }).size() == 3);
}

}  // namespace offcut::scenario::training_section_test
