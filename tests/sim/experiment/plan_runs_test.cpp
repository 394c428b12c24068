#include "sim/experiment/plan_runs.h"

#include <doctest/doctest.h>

#include "../scenario/messages.h"
#include "examples.h"
#include "tests/paths.h"

namespace offcut::experiment::plan_runs_test {
namespace {

const scenario::Registries& registries() {
  static const scenario::Registries all;
  return all;
}

/// A scenario of two tiers.
const std::string kTwoTiers =
    "offcut: 1\n"
    "stop: {requests: 5}\n"
    "model: {layers: net.csv}\n"
    "tiers: {phone: {is: column:phone}, cloud: {is: column:server}}\n"
    "network: {phone-cloud: {up: 200 B/s, down: 400 B/s, latency: 0.25 s}}\n"
    "plan: {algorithm: brute-force}\n"
    "workload: {arrivals: poisson, rate: 1 /s}\n";

}  // namespace

TEST_CASE("plan all: each algorithm's answer, in the given order") {
  const Experiment experiment = experiment_of(kTwoTiers);
  const auto find = [&](const char* name) { return registries().algorithms.find(name); };
  const std::vector<partition::Outcome> outcomes =
      plan_all(experiment.models.front(), experiment.scenario.models.front().plan,
               {find("cloud-only"), find("fixed"), find("brute-force")});
  REQUIRE(outcomes.size() == 3);
  CHECK(std::get<partition::Plan>(outcomes[0]).algorithm == "cloud-only");
  CHECK(std::holds_alternative<partition::Declined>(outcomes[1]));
  // The latency is 1 s on the phone, 2 s of upload, 0.375 s in the cloud, 0.25 s of download, and
  // twice 0.25 s.
  CHECK(std::get<partition::Plan>(outcomes[2]).tier_of == partition::Assignment{0, 1, 1});
  CHECK(std::get<partition::Plan>(outcomes[2]).cost.latency() == Seconds(4.125));
}

TEST_CASE("plan runs: every model's plan, or the reason why there is none") {
  const std::string path = source_path("scenarios/traffic-cameras.yaml");
  const auto planned = [&](std::vector<scenario::Override> overrides) {
    return plan_runs(prepare(scenario::read_scenario(path, overrides, registries()), registries()));
  };
  const std::vector<PlannedRun> runs = planned({});
  REQUIRE(runs.size() == 4);
  for (const PlannedRun& run : runs) {
    CHECK(std::get<std::vector<partition::Plan>>(run.outcome).size() == 2);
  }
  CHECK(std::get<std::vector<partition::Plan>>(runs[3].outcome)[1].algorithm == "cloud-only");

  // ViT-B/16 has 346 MB of weights. The scenario's own plan puts none of them into the cabinets.
  const std::vector<PlannedRun> small = planned({{"tiers.edge.model-memory", "100 MB"}});
  CHECK(std::holds_alternative<std::vector<partition::Plan>>(small[0].outcome));
  REQUIRE(small[2].algorithm == "edge-only");
  CHECK(std::get<partition::Declined>(small[2].outcome).reason ==
        "tiers.edge.model-memory: recogniser under 'edge-only' has 346 MB of weights there, 100 MB "
        "are "
        "available");
  CHECK_THROWS_AS(planned({{"tiers.cloud.model-memory", "100 MB"}}), InputError);
}

TEST_CASE("plan runs: models with plans of their own" * doctest::test_suite("slow")) {
  const std::string path = source_path("scenarios/traffic-cameras.yaml");
  const Experiment experiment =
      prepare(scenario::read_scenario(
                  path,
                  {{"models.detector.plan", "{algorithm: fixed, after: 'pool1 pool2'}"},
                   {"models.recogniser.plan", "{algorithm: exact, limits: {pin-first: 2}}"},
                   {"plan", "{compare: [exact, fixed, cloud-only]}"}},
                  registries()),
              registries());
  const std::vector<PlannedRun> runs = plan_runs(experiment);
  REQUIRE(runs.size() == 4);
  CHECK(runs[0].algorithm == "fixed+exact");
  const auto& own = std::get<std::vector<partition::Plan>>(runs[0].outcome);
  REQUIRE(own.size() == 2);
  CHECK(own[0].algorithm == "fixed");
  CHECK(own[1].algorithm == "exact");
  CHECK(own[1].tier_of[0] == 0);
  CHECK(own[1].tier_of[1] == 0);
  // The recogniser's limit holds for compared algorithms, too; `fixed` is not told where to cut it.
  CHECK(runs[1].algorithm == "exact");
  CHECK(std::get<std::vector<partition::Plan>>(runs[1].outcome)[1].tier_of == own[1].tier_of);
  CHECK(std::get<partition::Declined>(runs[2].outcome).reason ==
        "models.recogniser: it needs 'after': the layer to cut after, or 'input'");
  CHECK(std::get<partition::Declined>(runs[3].outcome)
            .reason.starts_with("models.recogniser: its plan breaks"));
}

TEST_CASE("plan runs: an algorithm that fails is an error of its own, or of the scenario's plan") {
  scenario::Registries wrong;
  wrong.algorithms.add(
      {.name = "wrong",
       .solve = [](const partition::Problem&, const Parameters&) -> partition::Answer {
         return partition::Assignment{7};
       }});
  const TemporaryFolder folder;
  folder.write("net.csv", kThreeLayers);
  const std::string path = folder.write("my.yaml", kTwoTiers);
  const auto planned = [&](std::vector<scenario::Override> overrides) {
    return plan_runs(prepare(scenario::read_scenario(path, overrides, wrong), wrong));
  };
  const std::vector<PlannedRun> runs = planned({{"plan.compare", "[wrong, cloud-only]"}});
  REQUIRE(runs.size() == 3);
  CHECK(std::get<partition::Failed>(runs[1].outcome).reason ==
        "its plan places 1 layers, but the problem has 3");
  CHECK(std::holds_alternative<std::vector<partition::Plan>>(runs[2].outcome));

  std::string own = kTwoTiers;
  own.replace(own.find("brute-force"), 11, "wrong");
  folder.write("my.yaml", own);
  CHECK(scenario::messages_of([&] { planned({}); }) ==
        scenario::Messages{"6:19 plan.algorithm: 'wrong' failed: its plan places 1 layers, but the "
                           "problem has 3"});
}

}  // namespace offcut::experiment::plan_runs_test
