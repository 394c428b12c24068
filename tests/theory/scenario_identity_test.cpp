// The identity (identity_test.cpp has random plans) of scenarios as users write them: all that
// ship, every network of the zoo, layer tables, codecs, and several models.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "../temporary_folder.h"
#include "identity.h"
#include "sim/experiment/compile.h"
#include "sim/experiment/goal.h"
#include "sim/experiment/plan_runs.h"
#include "tests/paths.h"

namespace offcut::theory_tests::scenario_identity_test {
namespace {

namespace fs = std::filesystem;

/// Returns all scenarios that offcut ships, except for those that are invalid on purpose.
std::vector<fs::path> shipped_scenarios() {
  std::vector<fs::path> paths;
  const fs::path root = source_path("scenarios");
  for (auto entry = fs::recursive_directory_iterator(root); entry != fs::end(entry); ++entry) {
    const std::string name = entry->path().filename().string();
    if (name == "invalid" || name == "catalogue" || name == "sweeps") {
      entry.disable_recursion_pending();
    } else if (entry->path().extension() == ".yaml") {
      paths.push_back(entry->path());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// Returns a class for each model, with the model's name and a request every `period` seconds.
std::string idle_workload(const scenario::Scenario& scenario, double period) {
  const std::string arrivals = fmt::format("arrivals: periodic, period: {} s", period);
  if (scenario.models.size() == 1) {
    return fmt::format("{{{}}}", arrivals);
  }
  std::string classes;
  for (const scenario::ModelChoice& model : scenario.models) {
    classes += fmt::format("{}{}: {{model: {}, {}}}", classes.empty() ? "" : ", ", model.name,
                           model.name, arrivals);
  }
  return fmt::format("{{classes: {{{}}}}}", classes);
}

/// Returns a scenario with a load near zero: one device, a request every `period` seconds, no
/// noise, nothing that waits for others, fails or moves. Tiers are in the last precision that they
/// list.
experiment::Experiment idle(const std::string& path, const scenario::Registries& registries,
                            double period, const std::vector<scenario::Override>& more = {}) {
  const scenario::Scenario as_it_is = scenario::read_scenario(path, {}, registries);
  std::vector<scenario::Override> overrides = {
      {"stop", "{requests: 12}"},
      {"workload", idle_workload(as_it_is, period)},
      {"scheduling", "{}"},
      {"failures", "{}"},
      {"tiers." + as_it_is.tiers.front().name + ".count", "1"}};
  overrides.insert(overrides.end(), more.begin(), more.end());
  for (const scenario::TierChoice& tier : as_it_is.tiers) {
    overrides.push_back({"tiers." + tier.name + ".noise", "{kind: none}"});
    if (tier.sites > 1) {
      overrides.push_back({"tiers." + tier.name + ".sites", "1"});
    }
    if (!tier.precisions.empty()) {
      overrides.push_back({"tiers." + tier.name + ".precision", tier.precisions.back()});
    }
  }
  scenario::Scenario still = scenario::read_scenario(path, overrides, registries);
  for (scenario::HopChoice& hop : still.hops) {  // Their means are left, with which planners count.
    hop.moving_rates = {};
    hop.moving_latency = {};
    if (hop.site) {
      hop.site->moving_rates = {};
    }
  }
  for (scenario::TierChoice& tier : still.tiers) {  // Planners count with devices of mean speed.
    tier.slowness = {};
    tier.faults.presence = {};
  }
  return experiment::prepare(std::move(still), registries);
}

/// Runs the scenario's plan and those that it is compared with, and returns the worst error of all.
double worst_of(const experiment::Experiment& experiment) {
  double worst = 0;
  for (const experiment::PlannedRun& run : experiment::plan_runs(experiment)) {
    if (const auto* plans = std::get_if<std::vector<partition::Plan>>(&run.outcome)) {
      INFO(run.algorithm);
      const engine::Recorded recorded =
          engine::record(experiment::compile(experiment, *plans, {.math = false}).simulation);
      CHECK(recorded.requests.size() == 12);
      for (const engine::RequestRecord& request : recorded.requests) {
        const scenario::ClassChoice& requests = experiment.scenario.classes[request.request_class];
        engine::Recorded one = recorded;
        one.requests = {request};
        worst = std::max(worst, worst_error(one, plans->at(requests.model_index())));
      }
    }
  }
  return worst;
}

}  // namespace

TEST_CASE("identity: the digits scenario with codecs, also where only the input crosses") {
  const scenario::Registries registries;
  for (const char* codec : {"int8", "int4", "kmeans:clusters=4", "fp16+zstd"}) {
    for (const char* after : {"relu4", "input", "softmax"}) {
      CAPTURE(codec);
      CAPTURE(after);
      const double error = worst_of(idle(
          source_path("scenarios/digits.yaml"), registries, 100,
          {{"plan", fmt::format("{{algorithm: fixed, after: {}, codec: \"{}\"}}", after, codec)}}));
      CHECK(error < 1e-9);
    }
  }
}

TEST_CASE("identity: codecs of single tensors, and codecs that are chosen with the cut") {
  const scenario::Registries registries;
  const std::string path = source_path("scenarios/digits.yaml");
  CHECK(worst_of(idle(
            path, registries, 100,
            {{"plan", "{algorithm: fixed, after: pool2, codec: {pool2: int4, image: fp16}}"}})) <
        1e-9);
  const TemporaryFolder folder;
  const experiment::Experiment experiment = idle(
      path, registries, 100,
      {{"plan", fmt::format("{{algorithm: codec-aware, codec: [int4, power-of-two], cache: {}, "
                            "compare: [min-cut]}}",
                            folder.path().string())},
       {"model.math", "sampled"},
       {"model.samples", "10"},
       {"model.engine", "fast"},
       {"network.device-edge.up", "50 kbit/s"}});
  CHECK(!experiment.models[0].problem.extras.accuracy.empty());
  CHECK(worst_of(experiment) < 1e-9);
}

TEST_CASE("identity: every shipped scenario, with the algorithms that it compares") {
  const scenario::Registries registries;
  const std::vector<fs::path> scenarios = shipped_scenarios();
  CHECK(scenarios.size() >= 3);
  for (const fs::path& path : scenarios) {
    INFO(path.string());
    const scenario::Scenario shipped = scenario::read_scenario(path.string(), {}, registries);
    // Each group has a plan: groups_identity_test.cpp has such fleets. Devices that move have
    // several sites: sim/engine/mobility/handovers_test.cpp has their times.
    // Training has its own: training_identity_test.cpp.
    if (shipped.groups > 1 || shipped.mobility || !shipped.has_requests) {
      continue;
    }
    CHECK(worst_of(idle(path.string(), registries, 100)) < 1e-9);
  }
}

TEST_CASE("identity: models with plans of their own, with a codec, and with a tail on the device") {
  const scenario::Registries registries;
  const experiment::Experiment experiment =
      idle(source_path("scenarios/traffic-cameras.yaml"), registries, 100,
           {{"models.detector.plan", "{algorithm: fixed, after: pool1 pool3, codec: int8}"},
            {"models.recogniser.plan",
             "{algorithm: exact, objective: energy, limits: {pin-first: 2, pin-tail: 1}}"},
            {"plan", "{}"}});
  const experiment::PlannedRun own = experiment::plan_runs(experiment).front();
  const auto& plans = std::get<std::vector<partition::Plan>>(own.outcome);
  CHECK(plans[0].codecs.size() == 2);
  CHECK(plans[1].cost.tail > Seconds(0));
  CHECK(worst_of(experiment) < 1e-9);
}

TEST_CASE("identity: every network of the zoo, with every algorithm") {
  const scenario::Registries registries;
  std::size_t plans = 0;
  for (const auto& [network, of] : registries.networks) {
    const experiment::Experiment experiment =
        idle(source_path("scenarios/quickstart.yaml"), registries, 1e4, {{"model.zoo", network}});
    for (const auto& [name, algorithm] : registries.algorithms) {
      INFO(network << ", " << name);
      const partition::Outcome outcome =
          partition::solve(algorithm, experiment.models[0].problem, defaults(algorithm.parameters));
      const auto* plan = std::get_if<partition::Plan>(&outcome);
      if (plan != nullptr && !plan->deployment) {
        const engine::Recorded recorded =
            engine::record(experiment::compile(experiment, {*plan}).simulation);
        CHECK(recorded.requests.size() == 12);
        CHECK(worst_error(recorded, *plan) < 1e-9);
        ++plans;
      }
    }
  }
  CHECK(plans > 9 * registries.networks.size());
}

TEST_CASE("identity: scenarios with a layer table, for every algorithm and place of the cut") {
  const TemporaryFolder folder;
  folder.write("net.csv",
               "layer,inputs,output_bytes,param_bytes,macs,phone_s,server_s,big_s\n"
               "image,,154587,0,0,0,0,0\n"
               "conv,image,290400,0,0,0.0121,0.0014,0.0003\n"
               "pool,conv,46656,0,0,0.003,0.0004,0.0001\n"
               "left,pool,20000,0,0,0.02,0.003,0.0005\n"
               "right,pool,10001,0,0,0.01,0.002,0.0004\n"
               "join,left right,4000,0,0,0.05,0.005,0.0006\n"
               "label,join,40,0,0,0.001,0.0001,0.0001\n"
               "extra,join,999,0,0,0.004,0.0002,0.0002\n");
  const std::string two_tiers =
      "tiers:\n"
      "  device: {is: column:phone}\n"
      "  cloud: {is: column:server}\n"
      "network:\n"
      "  device-cloud: {up: 5.85 Mbit/s, down: 13.76 Mbit/s, latency: 35 ms, shared: true}\n";
  const std::string three_tiers =
      "tiers:\n"
      "  device: {is: column:phone, count: 5, noise: {kind: lognormal, cv: 0.3}}\n"
      "  edge: {is: column:server, count: 2, noise: {kind: exponential}}\n"
      "  cloud: {is: column:big}\n"
      "network:\n"
      "  device-edge: {up: 18.88 Mbit/s, down: 54.97 Mbit/s, latency: 3 ms}\n"
      "  edge-cloud: {up: 100 Mbit/s, down: 90 Mbit/s, latency: 15 ms}\n";
  const scenario::Registries registries;
  for (const std::string& tiers : {two_tiers, three_tiers}) {
    for (const std::string plan :
         {"{algorithm: neurosurgeon, compare: [brute-force, device-only, edge-only, cloud-only]}",
          "{algorithm: fixed, after: input, compare: none}",
          "{algorithm: fixed, after: pool, compare: none}",
          "{algorithm: fixed, after: left, compare: none}",
          "{algorithm: fixed, after: label, compare: none}"}) {
      const std::string path = folder.write("scenario.yaml",
                                            "offcut: 1\n"
                                            "stop: {after: 1 min}\n"
                                            "model: {layers: net.csv}\n" +
                                                tiers + "plan: " + plan +
                                                "\n"
                                                "workload: {arrivals: poisson, rate: 3 /s}\n");
      INFO(tiers << plan);
      CHECK(worst_of(idle(path, registries, 10)) < 1e-9);
    }
  }
}

}  // namespace offcut::theory_tests::scenario_identity_test
