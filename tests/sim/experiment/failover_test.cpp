#include "sim/experiment/failover.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "../engine/recorded.h"
#include "examples.h"
#include "sim/experiment/compile.h"

namespace offcut::experiment::failover_test {
namespace {

partition::Plan plan_of(const Experiment& e, const partition::Assignment& tier_of) {
  return {.algorithm = "mine",
          .tier_of = tier_of,
          .cost = partition::evaluate(e.models[0].problem, tier_of)};
}

/// Returns an experiment of three tiers whose requests are passed on to the next tier.
Experiment with_failover() {
  Experiment e = experiment_of(kThreeTiers);
  e.scenario.classes[0].failures.then = network::FailurePolicy::Then::next_tier;
  return e;
}

/// Returns the request of a run without noise in which the edge is down for good.
engine::RequestRecord without_edge(const Experiment& e, const partition::Assignment& tier_of) {
  CompiledRun run = compile(e, {plan_of(e, tier_of)});
  engine::Simulation& simulation = run.simulation;
  for (engine::Tier& tier : simulation.tiers) {
    tier.noise = {};
  }
  simulation.tiers[1].faults = {.outages = {{0, Seconds(0), engine::kNever}}, .exponential = {}};
  simulation.tiers[1].servers = 1;
  simulation.stop.requests = 1;
  const engine::Recorded recorded = engine::record(simulation);
  REQUIRE(recorded.requests.size() == 1);
  return recorded.requests[0];
}

/// Returns the assignment with the layers of the edge in the cloud.
partition::Assignment in_the_cloud(partition::Assignment tier_of) {
  std::replace(tier_of.begin(), tier_of.end(), std::size_t{1}, std::size_t{2});
  return tier_of;
}

}  // namespace

TEST_CASE(
    "failover: without the edge, the latency is that of the plan with its layers in the cloud") {
  const Experiment e = with_failover();
  for (const partition::Assignment& tier_of :
       {partition::Assignment{0, 1, 2}, {0, 1, 1}, {0, 0, 1}, {0, 0, 2}}) {
    const engine::RequestRecord request = without_edge(e, tier_of);
    const partition::Assignment moved = in_the_cloud(tier_of);
    CHECK(request.latency().si() == engine::about(plan_of(e, moved).cost.latency().si()));
    CHECK((request.failover == engine::Failover::next_tier) == (moved != tier_of));
  }
}

TEST_CASE("failover: a tier without a machine takes no time per request, and passes requests on") {
  Experiment e = with_failover();
  e.models[0].problem.per_request = {Seconds(0.125), Seconds(0.25), Seconds(0.5)};
  // In the last one, the edge has no layers and only hands requests over.
  for (const partition::Assignment& tier_of :
       {partition::Assignment{0, 1, 2}, {0, 1, 1}, {0, 0, 2}}) {
    const engine::RequestRecord request = without_edge(e, tier_of);
    const Seconds planned = plan_of(e, in_the_cloud(tier_of)).cost.latency();
    CHECK(request.latency().si() == engine::about((planned - Seconds(0.25)).si()));
    CHECK(request.failover == engine::Failover::next_tier);
  }
}

TEST_CASE("failover: no tier after the last, none before it is used, and only where it is wanted") {
  const Experiment e = with_failover();
  const auto planned = [](const Experiment& experiment, const partition::Assignment& tier_of) {
    return compile(experiment, {plan_of(experiment, tier_of)}).simulation.itinerary_of(0);
  };
  const engine::Itinerary all = planned(e, {0, 1, 2});
  CHECK(!all.failover_of(0));
  CHECK(all.failover_of(1));
  CHECK(!all.failover_of(2));
  CHECK(!planned(e, {0, 0, 2}).failover_of(1));
  CHECK(!planned(experiment_of(kThreeTiers), {0, 1, 2}).failover_of(1));
}

TEST_CASE("failover: a next tier without room for the layers of both does not take them") {
  Experiment e = experiment_of(
      "offcut: 1\n"
      "stop: {requests: 5}\n"
      "model: {zoo: lenet5}\n"
      "tiers: {device: {is: raspberry-pi-4b}, edge: {is: t4}, cloud: {is: t4}}\n"
      "network: {device-edge: {is: wifi}, edge-cloud: {is: wan-100m}}\n"
      "plan: {algorithm: multi-tier}\n"
      "workload: {arrivals: poisson, rate: 1 /s}\n");
  // A third of the layers on each tier.
  const std::size_t layers = e.models[0].problem.layer_count();
  partition::Assignment thirds;
  for (std::size_t layer = 0; layer < layers; ++layer) {
    thirds.push_back(layer * 3 / layers);
  }
  const partition::Plan plan = plan_of(e, thirds);
  engine::Simulation simulation;
  const engine::Itinerary planned = itinerary_of(e.models[0], plan, simulation.long_legs);
  REQUIRE(planned.stages[1].model > Bytes(1));
  const auto goes_on = [&](Bytes memory) {
    e.models[0].tiers[2].memory = memory;
    simulation.itineraries = {planned};
    add_failovers(e.models[0], plan, 0, simulation);
    return simulation.itineraries[0].failover_of(1).has_value();
  };
  const Bytes both = planned.stages[1].model + planned.stages[2].model;
  CHECK(goes_on(both));
  CHECK(!goes_on(both - Bytes(1)));
}

}  // namespace offcut::experiment::failover_test
