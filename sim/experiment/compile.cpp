// Turns plans into stages and crossings: what each tier computes of a request and each hop carries.
// A tail that the device runs once the answer is back counts as a tier of its own after all others.

#include "sim/experiment/compile.h"

#include <algorithm>

#include "models/cost/roofline.h"
#include "sim/experiment/coding.h"
#include "sim/experiment/weights.h"
#include "sim/scheduling/checked_policies.h"

namespace offcut::experiment {
namespace {

/// Data goes through the tail last, so it counts as a tier of its own after all others.
partition::Assignment with_tail_last(const partition::Problem& problem,
                                     partition::Assignment tier_of) {
  for (const LayerId layer : problem.tail) {
    tier_of[layer] = problem.tier_count();
  }
  return tier_of;
}

/// What the device computes before the answer is back: exactly 0 where that is nothing.
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

/// What the tier computes for one request at its stage but for its layers: encoding and decoding.
Seconds coding_on(const partition::Problem& problem, const partition::Plan& plan,
                  std::size_t tier) {
  partition::Problem without = partition::with_codecs(problem, plan.codecs);
  std::fill(without.seconds[tier].begin(), without.seconds[tier].end(), Seconds(0));
  return partition::evaluate(without, plan.tier_of).compute[tier];
}

/// The times of batches of 1, 2, ... requests, as many as the tier's policy may take together.
std::vector<Seconds> batch_times(const PreparedModel& model, const scenario::TierChoice& choice,
                                 const partition::Plan& plan, const partition::Assignment& stages,
                                 std::size_t tier, Seconds one) {
  const scheduling::Choice<scheduling::BatchingKind>& batching = choice.scheduling.batching;
  std::vector<Seconds> times = {one};
  if (!batching) {
    return times;
  }
  const Seconds coding = coding_on(model.problem, plan, tier);
  const std::size_t most = scheduling::CheckedBatching(batching).largest();
  for (std::size_t batch = 2; batch <= most; ++batch) {
    const auto size = static_cast<double>(batch);
    Seconds time = coding * size;
    const std::vector<Seconds> layers =
        cost::layer_times(std::get<cost::Device>(choice.is), model.graph, size);
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
  return {// A device without layers may have its input to encode.
          .used = std::find(stages.begin(), stages.end(), tier) != stages.end() || one > Seconds(0),
          .service = batch_times(model, choice, plan, stages, tier, one),
          .tail = tier == 0 ? plan.cost.tail : Seconds(0),
          .model = weights_on(model.problem, plan.tier_of, tier)};
}

/// What they fall back to. In the device's memory for models, the weights take what the plan puts
/// there.
engine::Itinerary fallback_of(const partition::Problem& problem, const engine::Itinerary& planned) {
  Seconds service;
  for (const Seconds layer : problem.seconds.front()) {
    service += layer;
  }
  return engine::on_device_alone(service, planned.stages.size(), planned.stages.front().model);
}

/// Each class has an itinerary of its own, and one that it falls back to; it has no arrivals yet.
engine::Simulation simulation_of(const Experiment& experiment,
                                 const std::vector<partition::Plan>& plans) {
  const scenario::Scenario& scenario = experiment.scenario;
  const engine::RunSettings& settings = scenario;
  engine::Simulation simulation{settings, {}, {}, {}, {}};
  simulation.tiers.assign(scenario.tiers.begin(), scenario.tiers.end());
  simulation.hops.assign(scenario.hops.begin(), scenario.hops.end());
  for (const scenario::ClassChoice& choice : scenario.classes) {
    const PreparedModel& model = experiment.models.at(choice.model_index());
    const partition::Plan& plan = plans.at(choice.model_index());
    engine::RequestClass requests = static_cast<const engine::RequestClass&>(choice);
    requests.model = choice.model_index();
    requests.closed_loop = choice.arrival_kind->closed_loop;
    requests.itinerary = simulation.itineraries.size();
    simulation.itineraries.push_back(itinerary_of(model, scenario.tiers, plan));
    requests.fallback = simulation.itineraries.size();
    simulation.itineraries.push_back(fallback_of(model.problem, simulation.itineraries.back()));
    simulation.classes.push_back(std::move(requests));
  }
  return simulation;
}

/// The math of the model's plan; null where it is off.
std::unique_ptr<runtime::Inference> inference_of(const PreparedModel& model,
                                                 const partition::Plan& plan) {
  const scenario::ModelChoice& choice = model.choice;
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

/// Lets each request carry the bytes of its own input. REQUIRES: tensors cross encoded.
void carry_real_bytes(engine::Itinerary& itinerary, const engine::Stop& stop,
                      runtime::Inference& inference) {
  const std::int64_t inputs =
      std::min(stop.requests.value_or(inference.input_count()), inference.input_count());
  for (std::size_t hop = 0; hop < itinerary.crossings.size(); ++hop) {
    engine::Crossing& crossing = itinerary.crossings[hop];
    for (std::int64_t input = 0; crossing.goes_up && input < inputs; ++input) {
      crossing.up_bytes_of_input.push_back(inference.up_bytes(input, hop));
    }
  }
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
                               const partition::Plan& plan) {
  engine::Itinerary itinerary;
  for (std::size_t tier = 0; tier < model.problem.tier_count(); ++tier) {
    itinerary.stages.push_back(stage_of(model, tiers[tier], plan, tier));
  }
  for (std::size_t hop = 0; hop < model.problem.hops.size(); ++hop) {
    itinerary.crossings.push_back({.goes_up = plan.cost.goes_up[hop],
                                   .up_bytes = plan.cost.up_bytes[hop],
                                   .comes_down = plan.cost.comes_down[hop],
                                   .down_bytes = plan.cost.down_bytes[hop]});
  }
  return itinerary;
}

CompiledRun compile(const Experiment& experiment, const std::vector<partition::Plan>& plans,
                    CompileOptions options) {
  const scenario::Scenario& scenario = experiment.scenario;
  CompiledRun run;
  run.simulation = simulation_of(experiment, plans);
  run.arrivals = options.arrivals.empty() ? arrivals_of(scenario) : std::move(options.arrivals);
  for (std::size_t model = 0; model < plans.size(); ++model) {
    run.inferences.push_back(options.math ? inference_of(experiment.models[model], plans[model])
                                          : nullptr);
  }
  for (std::size_t i = 0; i < scenario.classes.size(); ++i) {
    run.simulation.classes[i].arrivals = run.arrivals.at(i).get();
    runtime::Inference* inference = run.inferences[scenario.classes[i].model_index()].get();
    run.inference_of_class.push_back(inference);
    if (inference != nullptr && inference->encodes()) {
      carry_real_bytes(run.simulation.itinerary_of(i), scenario.stop, *inference);
    }
  }
  return run;
}

}  // namespace offcut::experiment
