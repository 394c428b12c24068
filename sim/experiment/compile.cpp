// Turns plans into itineraries: the stages of a request, which tiers compute, and its crossings,
// which hops carry. Times and bytes are those of the plan's cost, so that an idle simulation takes
// the latency that the plan predicts. Layers of a tail, which the device runs once the answer is
// back, count as a tier of their own after all others.

#include "sim/experiment/compile.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/cost/roofline.h"
#include "partition/legs.h"
#include "partition/list_schedule.h"
#include "partition/solvers/exit_ways.h"
#include "sim/engine/core/legs.h"
#include "sim/experiment/coding.h"
#include "sim/experiment/deployment_rules.h"
#include "sim/experiment/exits.h"
#include "sim/experiment/failover.h"
#include "sim/experiment/math_inputs.h"
#include "sim/experiment/model_cache.h"
#include "sim/experiment/moving_plans.h"
#include "sim/experiment/plan_controller.h"
#include "sim/experiment/tier_precisions.h"
#include "sim/experiment/updates.h"
#include "sim/experiment/weights.h"
#include "sim/scheduling/checked_policies.h"

namespace offcut::experiment {
namespace {

using LongLegs = std::vector<std::vector<std::size_t>>;

partition::Assignment with_tail_last(const partition::Problem& problem,
                                     partition::Assignment tier_of) {
  for (const LayerId layer : problem.tail) {
    tier_of[layer] = problem.tier_count();
  }
  return tier_of;
}

/// Returns the device's computing time before the answer is back: exactly 0 if it computes nothing.
Seconds before_tail(const partition::Problem& problem, const partition::Plan& plan) {
  if (problem.tail.empty()) {
    return plan.cost.compute[0];
  }
  partition::Problem without = problem;
  for (const LayerId layer : problem.tail) {
    without.seconds[0][layer] = Seconds(0);
  }
  return partition::evaluate(without, plan.tier_of).compute[0];
}

/// Returns the time that the tier needs to take over one request and to encode and decode its
/// tensors.
Seconds beside_layers(const partition::Problem& problem, const partition::Plan& plan,
                      std::size_t tier) {
  partition::Problem without = partition::with_codecs(problem, plan.codecs);
  std::fill(without.seconds[tier].begin(), without.seconds[tier].end(), Seconds(0));
  return partition::evaluate(without, plan.tier_of).compute[tier];
}

/// The sources of the times of batches on a tier.
struct BatchCosts {
  const Graph& graph;
  const partition::Problem& problem;
  const std::optional<MeasuredTimes>& measured;
};

/// Returns the computing times of batches of 1, 2, ... requests, up to the largest batch that the
/// tier's policy forms.
std::vector<Seconds> batch_times(const BatchCosts& costs, const scenario::TierChoice& choice,
                                 const partition::Plan& plan, const partition::Assignment& stages,
                                 std::size_t tier, Seconds one) {
  const scheduling::Choice<scheduling::BatchingKind>& batching = choice.scheduling.batching;
  std::vector<Seconds> times = {one};
  if (!batching) {
    return times;
  }
  const Seconds beside = beside_layers(costs.problem, plan, tier);
  std::vector<bool> is_here(stages.size());
  for (LayerId layer = 0; layer < stages.size(); ++layer) {
    is_here[layer] = stages[layer] == tier;
  }
  const std::size_t most = scheduling::CheckedBatching(batching).largest();
  for (std::size_t batch = 2; batch <= most; ++batch) {
    const auto size = static_cast<double>(batch);
    std::vector<Seconds> layers =
        costs.measured
            ? costs.measured->at(size)
            : cost::times_from_wire(std::get<cost::Device>(choice.is), costs.graph, size);
    for (Seconds& time : layers) {
      time = costs.measured ? time : time * choice.time_scale;
    }
    times.push_back(partition::schedule_end(costs.problem, layers, is_here,
                                            costs.problem.engines_on(tier), beside * size));
  }
  return times;
}

/// Returns the times of batches on each group of unlike machines: each computes the layers of the
/// plan in its own time.
std::vector<std::vector<Seconds>> times_of_machines(const PreparedModel& model,
                                                    const partition::Plan& plan,
                                                    const partition::Assignment& stages,
                                                    std::size_t tier) {
  std::vector<std::vector<Seconds>> all;
  if (model.tiers[tier].machines.empty()) {
    return all;
  }
  for (std::size_t group = 0; group < model.machines[tier].size(); ++group) {
    const MachineCosts& costs = model.machines[tier][group];
    const Seconds one =
        partition::evaluate(partition::with_codecs(costs.problem, plan.codecs), plan.tier_of)
            .compute[tier];
    scenario::TierChoice choice = model.tiers[tier].machines[group];
    choice.scheduling = model.tiers[tier].scheduling;
    all.push_back(
        batch_times({model.graph, costs.problem, costs.measured}, choice, plan, stages, tier, one));
  }
  return all;
}

/// Returns the first and the last of the layers that are at this stage, as "conv1 to pool5".
std::string layers_at(const partition::Problem& problem, const partition::Assignment& stages,
                      std::size_t stage) {
  const auto is_here = [&](std::size_t other) { return other == stage; };
  const auto first = std::find_if(stages.begin(), stages.end(), is_here);
  if (first == stages.end()) {
    return "";
  }
  const auto last = std::find_if(stages.rbegin(), stages.rend(), is_here).base() - 1;
  const std::string& from = problem.layers[static_cast<std::size_t>(first - stages.begin())];
  return first == last
             ? from
             : from + " to " + problem.layers[static_cast<std::size_t>(last - stages.begin())];
}

engine::Stage stage_of(const PreparedModel& model, const partition::Plan& plan,
                       const std::vector<LayerId>& skipped, std::size_t tier) {
  const scenario::TierChoice& choice = model.tiers[tier];
  const std::size_t tail = model.problem.tier_count();
  partition::Assignment stages = with_tail_last(model.problem, plan.tier_of);
  for (const LayerId layer : skipped) {
    stages[layer] = tail + 1;
  }
  const Seconds one = tier == 0 ? before_tail(model.problem, plan) : plan.cost.compute[tier];
  // The costs of the layers that are run, where some are skipped.
  const std::optional<partition::WayCosts> way =
      skipped.empty()
          ? std::nullopt
          : std::optional(partition::costs_of_way(
                partition::with_codecs(model.problem, plan.codecs), plan.tier_of, skipped));
  partition::Plan run = plan;
  run.tier_of = way ? way->tier_of : plan.tier_of;
  const partition::Problem& problem = way ? way->problem : model.problem;
  const bool has_layers = std::find(stages.begin(), stages.end(), tier) != stages.end();
  return {// A device without layers may still encode the input, and any tier hand requests over.
          .used = has_layers || one > Seconds(0),
          .service = batch_times({model.graph, problem, model.measured[tier]}, choice, run, stages,
                                 tier, one),
          .of_groups = times_of_machines(model, plan, stages, tier),
          .tail = tier == 0 ? plan.cost.tail : Seconds(0),
          .model = weights_on(model.problem, plan.tier_of, tier),
          .has_layers = has_layers,
          .layers = layers_at(model.problem, stages, tier),
          .tail_layers = tier == 0 ? layers_at(model.problem, stages, tail) : ""};
}

/// Returns the itinerary of requests that fall back to their device. In the device's memory for
/// models, the weights take as much room as under the plan.
engine::Itinerary fallback_of(const partition::Problem& problem, const engine::Itinerary& planned) {
  const partition::Assignment alone(problem.layer_count(), 0);
  const Seconds service =
      problem.engines_on(0) > 1
          ? partition::evaluate(problem, alone).compute[0]
          : partition::schedule_end(problem, problem.seconds[0],
                                    std::vector<bool>(problem.layer_count(), true), 1,
                                    problem.per_request_on(0));
  engine::Itinerary itinerary =
      engine::on_device_alone(service, planned.stages.size(), planned.stages.front().model);
  itinerary.stages.front().layers = layers_at(problem, alone, 0);
  return itinerary;
}

/// Returns the system and its classes, which have neither itineraries nor arrivals yet.
engine::Simulation simulation_of(const scenario::Scenario& scenario) {
  const engine::RunSettings& settings = scenario;
  engine::Simulation simulation{settings, {}, {}, {}, {}, {}, scenario.groups, {}};
  if (scenario.groups < scenario.tiers.size()) {
    simulation.device_hop = scenario.device_tier + "-" + scenario.tiers[scenario.groups].name;
  }
  simulation.tiers.assign(scenario.tiers.begin(), scenario.tiers.end());
  simulation.hops.assign(scenario.hops.begin(), scenario.hops.end());
  simulation.mobility = scenario.mobility;
  for (const scenario::ModelChoice& model : scenario.models) {
    simulation.reports_exits = simulation.reports_exits || !model.plan.exits.empty();
  }
  for (const scenario::ClassChoice& choice : scenario.classes) {
    engine::RequestClass requests = static_cast<const engine::RequestClass&>(choice);
    requests.model = choice.model_index();
    requests.closed_loop = choice.arrival_kind->closed_loop;
    simulation.classes.push_back(std::move(requests));
  }
  return simulation;
}

/// Returns null if the model's math is off. Adds the network that the tiers compute to `graphs`, if
/// it is not the model's own.
std::unique_ptr<runtime::Inference> inference_of(
    const Experiment& experiment, const PreparedModel& model, const partition::Plan& plan,
    std::vector<std::unique_ptr<const Graph>>& graphs) {
  const scenario::ModelChoice& choice = experiment.choice_of(model);
  if (choice.math == scenario::ModelChoice::Math::off) {
    return nullptr;
  }
  const std::int64_t stride =
      stride_of(choice, static_cast<std::int64_t>(model.data.images.size()));
  partition::Assignment tier_of = with_tail_last(model.problem, plan.tier_of);
  const Graph* graph = &model.graph;
  std::string key = math_key(choice, experiment.scenario.seed, plan);
  if (model.precisions != nullptr) {
    key += model.precisions->text();
    runtime::ComputedNetwork computed = model.precisions->computed(model.graph, tier_of);
    graphs.push_back(std::make_unique<const Graph>(std::move(computed.graph)));
    graph = graphs.back().get();
    tier_of = std::move(computed.tier_of);
  }
  auto inference = std::make_unique<runtime::Inference>(
      *graph, tier_of, model.data, choice.divide, stride, choice.engine,
      wire_codecs(*graph, choice.plan.codec, plan.codecs), !choice.plan.exits.empty());
  if (experiment.cache != nullptr) {
    inference->share(experiment.cache->math(), std::move(key));
  }
  return inference;
}

/// Returns the crossings of a plan's requests, by leg. Those that skip layers use only the tiers of
/// the others.
std::vector<engine::Crossing> crossings_of(const partition::Problem& costs,
                                           const partition::Plan& plan,
                                           const std::vector<LayerId>& skipped,
                                           LongLegs& long_legs) {
  const partition::Cost& cost = plan.cost;
  const auto over = [&](std::size_t hop) -> engine::Crossing {
    return {.goes_up = cost.goes_up[hop],
            .up_bytes = cost.up_bytes[hop],
            .comes_down = cost.comes_down[hop],
            .down_bytes = cost.down_bytes[hop]};
  };
  std::vector<engine::Crossing> crossings(costs.hop_count());
  if (!costs.has_routes()) {
    for (std::size_t hop = 0; hop < crossings.size(); ++hop) {
      crossings[hop] = over(hop);
    }
    return crossings;
  }
  partition::Assignment stops;  // The tiers of the layers that are run.
  for (LayerId layer = 0; layer < plan.tier_of.size(); ++layer) {
    if (!std::binary_search(skipped.begin(), skipped.end(), layer)) {
      stops.push_back(plan.tier_of[layer]);
    }
  }
  for (const partition::Leg& leg : partition::legs_of(costs, stops)) {
    const std::size_t number = number_of(leg, costs.hop_count(), long_legs);
    crossings.resize(std::max(crossings.size(), number + 1));
    crossings[number] = over(leg.hops.front());  // All of its hops carry the same.
  }
  return crossings;
}

/// Lets each request carry the encoded size of its own input. `named` is one more than the highest
/// input that its arrivals name.
/// REQUIRES: tensors cross encoded.
void carry_real_bytes(const engine::Simulation& simulation, std::int64_t named,
                      engine::Itinerary& itinerary, runtime::Inference& inference) {
  const engine::Stop& stop = simulation.stop;
  const engine::Legs legs(simulation);
  const std::int64_t inputs = std::max(
      named, std::min(stop.requests.value_or(inference.input_count()), inference.input_count()));
  for (std::size_t leg = 0; leg < itinerary.crossings.size(); ++leg) {
    engine::Crossing& crossing = itinerary.crossings[leg];
    const std::size_t sender = engine::level_of(legs.from(legs.number(leg, 0)), simulation.groups);
    for (std::int64_t input = 0; crossing.goes_up && input < inputs; ++input) {
      crossing.up_bytes_of_input.push_back(inference.up_bytes(input, sender));
    }
  }
}

/// Returns the itinerary of requests whose work a team does.
engine::Itinerary itinerary_of_team(const PreparedModel& model, const partition::Plan& plan) {
  engine::Itinerary itinerary{.stages = std::vector<engine::Stage>(model.problem.tier_count()),
                              .crossings = std::vector<engine::Crossing>(model.problem.hops.size()),
                              .team = plan.deployment->team->phases};
  itinerary.stages.front().model = weights_on(model.problem, plan.tier_of, 0);
  return itinerary;
}

/// The plan of requests that follow it, or a variant of it, and the layers that they skip.
struct PlannedPath {
  partition::Plan plan;
  std::vector<LayerId> skipped = {};
};

/// Returns a path for each variant, or the plan itself without variants.
std::vector<PlannedPath> planned_paths(const partition::Plan& plan) {
  if (!plan.deployment || plan.deployment->variants.empty()) {
    return {{plan}};
  }
  std::vector<PlannedPath> paths;
  for (const partition::Variant& variant : plan.deployment->variants) {
    paths.push_back({{.algorithm = plan.algorithm,
                      .tier_of = variant.tier_of,
                      .cost = variant.cost,
                      .codecs = plan.codecs},
                     variant.skipped});
  }
  return paths;
}

/// Adds the itineraries of the models that each class runs. Those of device 0 are the class's
/// defaults.
PathTable add_itineraries(const Experiment& experiment, const std::vector<partition::Plan>& plans,
                          CompiledRun& run) {
  const scenario::Scenario& scenario = experiment.scenario;
  std::vector<engine::Itinerary>& itineraries = run.simulation.itineraries;
  PathTable table;
  const bool fails_over = std::any_of(
      scenario.classes.begin(), scenario.classes.end(), [](const scenario::ClassChoice& requests) {
        return requests.failures.then == network::FailurePolicy::Then::next_tier;
      });
  for (std::size_t i = 0; i < scenario.classes.size(); ++i) {
    std::vector<Paths>& paths = table.emplace_back();
    for (std::size_t m = 0; m < experiment.models.size(); ++m) {
      const PreparedModel& model = experiment.models[m];
      const std::vector<std::size_t>& from = scenario.classes[i].from;
      const bool comes_from =
          from.empty() || std::find(from.begin(), from.end(), model.group) != from.end();
      if (model.choice != scenario.classes[i].model_index() || !comes_from) {
        continue;
      }
      const partition::Plan& plan = plans.at(m);
      runtime::Inference* inference = run.inferences[m].get();
      Paths& added = paths.emplace_back(Paths{model.devices, {}, 0, plan.deployment, m});
      for (const PlannedPath& path : planned_paths(plan)) {
        const std::size_t number = itineraries.size();
        added.planned.push_back(number);
        itineraries.push_back(
            plan.deployment && plan.deployment->team
                ? itinerary_of_team(model, plan)
                : itinerary_of(model, path.plan, run.simulation.long_legs, path.skipped));
        if (inference != nullptr && inference->encodes()) {
          carry_real_bytes(run.simulation, run.arrivals[i]->inputs(), itineraries.back(),
                           *inference);
        }
        if (added.planned.size() == 1) {
          added.fallback = itineraries.size();
          itineraries.push_back(fallback_of(model.problem, itineraries[number]));
        }
        if (fails_over) {
          add_failovers(model, path.plan, number, run.simulation);
        }
      }
      add_exit_family(experiment, i, m, inference, added, run.simulation);
    }
    const Paths& defaults = paths.front();  // That of its first group of devices.
    run.simulation.classes[i].itinerary = defaults.planned.front();
    run.simulation.classes[i].fallback = defaults.fallback;
  }
  return table;
}

std::vector<std::shared_ptr<const workload::Arrivals>> arrivals_of(
    const scenario::Scenario& scenario) {
  std::vector<std::shared_ptr<const workload::Arrivals>> all;
  for (const scenario::ClassChoice& requests : scenario.classes) {
    all.push_back(requests.process);
  }
  return all;
}

}  // namespace

std::size_t number_of(const partition::Leg& leg, std::size_t hops, LongLegs& long_legs) {
  if (leg.hops.size() == 1) {
    return leg.hops.front();
  }
  const auto found = std::find(long_legs.begin(), long_legs.end(), leg.hops);
  const auto number = hops + static_cast<std::size_t>(found - long_legs.begin());
  if (found == long_legs.end()) {
    long_legs.push_back(leg.hops);
  }
  return number;
}

engine::Itinerary itinerary_of(const PreparedModel& model, const partition::Plan& plan,
                               LongLegs& long_legs, const std::vector<LayerId>& skipped) {
  return itinerary_of(model, model.problem, plan, long_legs, skipped);
}

engine::Itinerary itinerary_of(const PreparedModel& model, const partition::Problem& costs,
                               const partition::Plan& plan, LongLegs& long_legs,
                               const std::vector<LayerId>& skipped) {
  engine::Itinerary itinerary;
  for (std::size_t tier = 0; tier < model.problem.tier_count(); ++tier) {
    itinerary.stages.push_back(stage_of(model, plan, skipped, tier));
  }
  itinerary.crossings = crossings_of(costs, plan, skipped, long_legs);
  return itinerary;
}

CompiledRun compile(const Experiment& experiment, const std::vector<partition::Plan>& plans,
                    CompileOptions options) {
  const scenario::Scenario& scenario = experiment.scenario;
  CompiledRun run;
  run.simulation = simulation_of(scenario);
  run.arrivals = options.arrivals.empty() ? arrivals_of(scenario) : std::move(options.arrivals);
  for (std::size_t i = 0; i < scenario.classes.size(); ++i) {
    run.simulation.classes[i].arrivals = run.arrivals.at(i).get();
  }
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const PreparedModel& model = experiment.models.at(i);
    run.inferences.push_back(
        options.math ? inference_of(experiment, model, plans[i], run.computed_graphs) : nullptr);
  }
  add_updates(experiment, plans, run.simulation);
  deploy(plans, run.simulation);
  PathTable paths = add_itineraries(experiment, plans, run);
  const bool any_deployed = std::any_of(
      plans.begin(), plans.end(), [](const auto& plan) { return plan.deployment.has_value(); });
  if ((scenario.beliefs || scenario.adapt) && !any_deployed) {
    auto moving = std::make_unique<MovingPlans>(experiment.models, plans, options.adaptation,
                                                std::move(paths), run.simulation);
    run.moving = moving.get();
    run.controller = std::move(moving);
  } else {
    run.controller = plan_controller(run.simulation, std::move(paths));
  }
  return run;
}

}  // namespace offcut::experiment
