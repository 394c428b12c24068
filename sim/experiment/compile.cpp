// Turns plans into itineraries: the stages of a request, which tiers compute, and its crossings,
// which hops carry. Times and bytes are those of the plan's cost, so that an idle simulation takes
// the latency that the plan predicts. Layers of a tail, which the device runs once the answer is
// back, count as a tier of their own after all others.

#include "sim/experiment/compile.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <stdexcept>

#include "models/cost/roofline.h"
#include "partition/legs.h"
#include "sim/engine/core/legs.h"
#include "sim/experiment/coding.h"
#include "sim/experiment/failover.h"
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

/// Returns the computing times of batches of 1, 2, ... requests, up to the largest batch that the
/// tier's policy forms.
std::vector<Seconds> batch_times(const PreparedModel& model, const scenario::TierChoice& choice,
                                 const partition::Plan& plan, const partition::Assignment& stages,
                                 std::size_t tier, Seconds one) {
  const scheduling::Choice<scheduling::BatchingKind>& batching = choice.scheduling.batching;
  std::vector<Seconds> times = {one};
  if (!batching) {
    return times;
  }
  const Seconds beside = beside_layers(model.problem, plan, tier);
  const std::size_t most = scheduling::CheckedBatching(batching).largest();
  for (std::size_t batch = 2; batch <= most; ++batch) {
    const auto size = static_cast<double>(batch);
    Seconds time = beside * size;
    const std::optional<MeasuredTimes>& measured = model.measured[tier];
    const std::vector<Seconds> layers =
        measured ? measured->at(size)
                 : cost::times_from_wire(std::get<cost::Device>(choice.is), model.graph, size);
    for (LayerId layer = 0; layer < layers.size(); ++layer) {
      time += stages[layer] == tier ? layers[layer] : Seconds(0);
    }
    times.push_back(time);
  }
  return times;
}

engine::Stage stage_of(const PreparedModel& model, const scenario::TierChoice& choice,
                       const partition::Plan& plan, std::size_t tier) {
  const partition::Assignment stages = with_tail_last(model.problem, plan.tier_of);
  const Seconds one = tier == 0 ? before_tail(model.problem, plan) : plan.cost.compute[tier];
  const bool has_layers = std::find(stages.begin(), stages.end(), tier) != stages.end();
  return {// A device without layers may still encode the input, and any tier hand requests over.
          .used = has_layers || one > Seconds(0),
          .service = batch_times(model, choice, plan, stages, tier, one),
          .tail = tier == 0 ? plan.cost.tail : Seconds(0),
          .model = weights_on(model.problem, plan.tier_of, tier),
          .has_layers = has_layers};
}

/// Returns the itinerary of requests that fall back to their device. In the device's memory for
/// models, the weights take as much room as under the plan.
engine::Itinerary fallback_of(const partition::Problem& problem, const engine::Itinerary& planned) {
  Seconds service = problem.per_request_on(0);
  for (const Seconds layer : problem.seconds.front()) {
    service += layer;
  }
  return engine::on_device_alone(service, planned.stages.size(), planned.stages.front().model);
}

/// The itineraries of a class's requests at the devices that run one prepared model, by their
/// indices in Simulation::itineraries.
struct Paths {
  DeviceRange devices;
  std::size_t planned = 0;
  std::size_t fallback = 0;
};

/// By class; each device is in one of its class's ranges.
using PathTable = std::vector<std::vector<Paths>>;

const Paths& paths_at(const std::vector<Paths>& ranges, std::size_t device) {
  const auto found = std::find_if(ranges.begin(), ranges.end(), [&](const Paths& paths) {
    return paths.devices.contains(device);
  });
  if (found == ranges.end()) {
    throw std::logic_error(fmt::format("no model was prepared for device {}", device));
  }
  return *found;
}

/// Lets each request follow the plan of the model that its class runs at its device.
class PlansOfModels final : public engine::Controller {
 public:
  PlansOfModels(std::span<const engine::Itinerary> itineraries, PathTable paths)
      : itineraries_(itineraries), paths_(std::move(paths)) {}

  const engine::Itinerary& itinerary_of(std::size_t request_class, std::size_t device,
                                        Seconds /*now*/) override {
    return itineraries_[paths_at(paths_[request_class], device).planned];
  }
  const engine::Itinerary& fallback_of(std::size_t request_class, std::size_t device,
                                       Seconds /*now*/) override {
    return itineraries_[paths_at(paths_[request_class], device).fallback];
  }

 private:
  std::span<const engine::Itinerary> itineraries_;
  PathTable paths_;
};

/// Returns the system and its classes, which have neither itineraries nor arrivals yet.
engine::Simulation simulation_of(const scenario::Scenario& scenario) {
  const engine::RunSettings& settings = scenario;
  engine::Simulation simulation{settings, {}, {}, {}, {}};
  simulation.tiers.assign(scenario.tiers.begin(), scenario.tiers.end());
  simulation.hops.assign(scenario.hops.begin(), scenario.hops.end());
  for (const scenario::ClassChoice& choice : scenario.classes) {
    engine::RequestClass requests = static_cast<const engine::RequestClass&>(choice);
    requests.model = choice.model_index();
    requests.closed_loop = choice.arrival_kind->closed_loop;
    simulation.classes.push_back(std::move(requests));
  }
  return simulation;
}

/// Returns null if the model's math is off.
std::unique_ptr<runtime::Inference> inference_of(const PreparedModel& model,
                                                 const scenario::ModelChoice& choice,
                                                 const partition::Plan& plan) {
  if (choice.math == scenario::ModelChoice::Math::off) {
    return nullptr;
  }
  const auto images = static_cast<std::int64_t>(model.data.images.size());
  const std::int64_t stride = choice.math == scenario::ModelChoice::Math::every
                                  ? 1
                                  : std::max<std::int64_t>(1, images / choice.samples);
  return std::make_unique<runtime::Inference>(
      model.graph, with_tail_last(model.problem, plan.tier_of), model.data, choice.divide, stride,
      choice.engine, wire_codecs(model.graph, choice.plan.codec, plan.codecs));
}

/// Returns one more than the highest input that the arrivals of the class name; 0 if they name
/// none. Throws InputError if the data set has no such input.
std::int64_t named_inputs(const scenario::ClassChoice& requests, const workload::Arrivals& arrivals,
                          const runtime::Inference& inference) {
  const std::int64_t inputs = arrivals.inputs();
  if (inputs > inference.input_count()) {
    throw InputError({requests.parameters.text("file")},
                     fmt::format("input: {} is not in the data set, whose last input is {}",
                                 inputs - 1, inference.input_count() - 1));
  }
  return inputs;
}

/// Returns the number of a leg: that of its hop, or after the hops that of its long leg, which is
/// added if it is new.
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

/// Lets each request carry the encoded size of its own input. `named` is as for named_inputs().
/// REQUIRES: tensors cross encoded.
void carry_real_bytes(const engine::Simulation& simulation, std::int64_t named,
                      engine::Itinerary& itinerary, runtime::Inference& inference) {
  const engine::Stop& stop = simulation.stop;
  const engine::Legs legs(simulation);
  const std::int64_t inputs = std::max(
      named, std::min(stop.requests.value_or(inference.input_count()), inference.input_count()));
  for (std::size_t leg = 0; leg < itinerary.crossings.size(); ++leg) {
    engine::Crossing& crossing = itinerary.crossings[leg];
    for (std::int64_t input = 0; crossing.goes_up && input < inputs; ++input) {
      crossing.up_bytes_of_input.push_back(inference.up_bytes(input, legs.from(leg)));
    }
  }
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
      if (model.choice != scenario.classes[i].model_index()) {
        continue;
      }
      paths.push_back({model.devices, itineraries.size(), itineraries.size() + 1});
      engine::Itinerary planned =
          itinerary_of(model, scenario.tiers, plans.at(m), run.simulation.long_legs);
      engine::Itinerary fallback = fallback_of(model.problem, planned);
      runtime::Inference* inference = run.inferences[m].get();
      const std::int64_t named =
          inference != nullptr ? named_inputs(scenario.classes[i], *run.arrivals[i], *inference)
                               : 0;
      if (inference != nullptr && inference->encodes()) {
        carry_real_bytes(run.simulation, named, planned, *inference);
      }
      const std::size_t number = itineraries.size();
      itineraries.push_back(std::move(planned));
      itineraries.push_back(std::move(fallback));
      if (fails_over) {
        add_failovers(model, scenario.tiers, plans.at(m), number, run.simulation);
      }
    }
    const Paths& defaults = paths_at(paths, 0);
    run.simulation.classes[i].itinerary = defaults.planned;
    run.simulation.classes[i].fallback = defaults.fallback;
  }
  return table;
}

std::vector<std::unique_ptr<workload::Arrivals>> arrivals_of(const scenario::Scenario& scenario) {
  std::vector<std::unique_ptr<workload::Arrivals>> all;
  for (const scenario::ClassChoice& requests : scenario.classes) {
    all.push_back(requests.arrival_kind->make(requests.parameters));
  }
  return all;
}

}  // namespace

engine::Itinerary itinerary_of(const PreparedModel& model,
                               const std::vector<scenario::TierChoice>& tiers,
                               const partition::Plan& plan, LongLegs& long_legs) {
  return itinerary_of(model, model.problem, tiers, plan, long_legs);
}

engine::Itinerary itinerary_of(const PreparedModel& model, const partition::Problem& costs,
                               const std::vector<scenario::TierChoice>& tiers,
                               const partition::Plan& plan, LongLegs& long_legs) {
  engine::Itinerary itinerary;
  for (std::size_t tier = 0; tier < model.problem.tier_count(); ++tier) {
    itinerary.stages.push_back(stage_of(model, tiers[tier], plan, tier));
  }
  const partition::Cost& cost = plan.cost;
  itinerary.crossings.resize(costs.hop_count());
  for (const partition::Leg& leg : partition::legs_of(costs, plan.tier_of)) {
    const std::size_t number = number_of(leg, costs.hop_count(), long_legs);
    itinerary.crossings.resize(std::max(itinerary.crossings.size(), number + 1));
    const std::size_t hop = leg.hops.front();  // All of its hops carry the same.
    itinerary.crossings[number] = {.goes_up = cost.goes_up[hop],
                                   .up_bytes = cost.up_bytes[hop],
                                   .comes_down = cost.comes_down[hop],
                                   .down_bytes = cost.down_bytes[hop]};
  }
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
        options.math ? inference_of(model, experiment.choice_of(model), plans[i]) : nullptr);
  }
  PathTable paths = add_itineraries(experiment, plans, run);
  run.controller = std::make_unique<PlansOfModels>(run.simulation.itineraries, std::move(paths));
  return run;
}

}  // namespace offcut::experiment
