// Tiers that compute branches at the same time, from the scenario to the engine's input.

#include <doctest/doctest.h>

#include "examples.h"
#include "sim/experiment/compile.h"

namespace offcut::experiment::parallel_test {
namespace {

/// Two branches, `b` and `c`, between `a` and `d`, with measured batches on the server.
const std::string kBranches =
    "layer,inputs,output_bytes,param_bytes,macs,phone_s,server_s,server_s@2\n"
    "image,,800,0,0,0,0,0\n"
    "a,image,400,0,0,1,1,2\n"
    "b,a,200,0,0,3,2,3\n"
    "c,a,200,0,0,2,1,4\n"
    "d,b c,100,0,0,1,1,1\n";

const std::string kRest =
    "network: {phone-edge: {up: 100 B/s, down: 50 B/s, latency: 0.5 s}}\n"
    "workload: {arrivals: poisson, rate: 1 /s}\n"
    "stop: {requests: 5}\n"
    "model: {layers: net.csv}\n"
    "offcut: 1\n";

Experiment experiment_with(const std::string& tiers, const std::string& more) {
  static const scenario::Registries registries;
  const TemporaryFolder folder;
  folder.write("net.csv", kBranches);
  return read_experiment(folder.write("my.yaml", "tiers:\n" + tiers + more + kRest), {},
                         registries);
}

engine::Itinerary itinerary_for(const Experiment& experiment) {
  const CompiledRun run = compile(experiment, own_plans_of(experiment));
  return run.simulation.itinerary_of(0);
}

const std::string kEdgeOnly = "plan: {algorithm: edge-only}\n";

}  // namespace

TEST_CASE("parallel: single requests and batches have schedules of their own") {
  const Experiment e = experiment_with(
      "  phone: {is: column:phone}\n"
      "  edge: {is: column:server, parallel: 2, per-request: 0.5 s}\n",
      "plan: {algorithm: fixed, after: a}\n"
      "scheduling: {edge: {batch: {policy: timeout, max: 2, delay: 1 s}}}\n");
  CHECK(e.models[0].problem.parallel == std::vector<std::size_t>{1, 2});
  const engine::Itinerary itinerary = itinerary_for(e);
  // 2 beside 1, and then 1; in a batch 4 beside 3, and then 1. Each request is handed over.
  CHECK(itinerary.stages[1].service == std::vector{Seconds(0.5 + 3), Seconds(2 * 0.5 + 5)});
  CHECK(itinerary.stages[0].service == std::vector{Seconds(1)});
}

TEST_CASE("parallel: a request that falls back uses the engines of its device") {
  const Experiment e = experiment_with(
      "  phone: {is: column:phone, parallel: 2}\n"
      "  edge: {is: column:server}\n",
      kEdgeOnly);
  const CompiledRun run = compile(e, own_plans_of(e));
  const engine::Itinerary& alone =
      run.simulation.itineraries.at(run.simulation.classes[0].fallback.value());
  CHECK(alone.stages[0].service == std::vector{Seconds(5)});
  CHECK(run.simulation.itinerary_of(0).stages[1].service == std::vector{Seconds(5)});
}

TEST_CASE("parallel: one engine everywhere is no engine at all, in problems and resolved files") {
  const Experiment without =
      experiment_with("  phone: {is: column:phone}\n  edge: {is: column:server}\n", kEdgeOnly);
  CHECK(without.models[0].problem.parallel.empty());
  const auto has_key = [](const Experiment& e) {
    const scenario::YamlNode* tiers = e.scenario.resolved.find("tiers");
    return tiers->find("edge")->find("parallel") != nullptr;
  };
  CHECK_FALSE(has_key(without));
  const Experiment one = experiment_with(
      "  phone: {is: column:phone}\n  edge: {is: column:server, parallel: 1}\n", kEdgeOnly);
  CHECK(one.models[0].problem.parallel.empty());
  CHECK(has_key(one));
}

TEST_CASE("parallel: groups of devices and of machines have their own engines") {
  const auto fleet = [](const std::string& planned_for) {
    return experiment_with(
        "  phone:\n    parallel: 2\n    groups:\n"
        "      a: {is: column:phone}\n"
        "      b: {is: column:phone, parallel: 3}\n"
        "  edge:\n    planned-for: " +
            planned_for +
            "\n    groups:\n"
            "      one: {is: column:phone, parallel: 3}\n"
            "      two: {is: column:server, parallel: 2}\n",
        kEdgeOnly);
  };
  const auto engines = [](const Experiment& e, std::size_t model) {
    return e.models.at(model).problem.parallel;
  };
  using Engines = std::vector<std::size_t>;
  CHECK(engines(fleet("slowest"), 0) == Engines{2, 3});  // 5 s and 4 s for all layers.
  CHECK(engines(fleet("slowest"), 1) == Engines{3, 3});
  CHECK(engines(fleet("two"), 0) == Engines{2, 2});
  CHECK(engines(fleet("mean"), 0) == Engines{2, 2});
  const engine::Itinerary itinerary = itinerary_for(fleet("two"));
  REQUIRE(itinerary.stages[1].of_groups.size() == 2);
  CHECK(itinerary.stages[1].of_groups[0] == std::vector{Seconds(5)});
  CHECK(itinerary.stages[1].of_groups[1] == std::vector{Seconds(4)});
}

TEST_CASE("parallel: a tail on the device has a schedule of its own") {
  const Experiment e = experiment_with(
      "  phone: {is: column:phone, parallel: 2}\n"
      "  edge: {is: column:server}\n",
      "plan: {algorithm: edge-only, limits: {pin-tail: 3}}\n");
  const engine::Itinerary itinerary = itinerary_for(e);
  CHECK(itinerary.stages[0].tail == Seconds(3 + 1));
  CHECK(itinerary.stages[0].service == std::vector{Seconds(0)});
}

}  // namespace offcut::experiment::parallel_test
