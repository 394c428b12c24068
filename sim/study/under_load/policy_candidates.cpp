#include "sim/study/under_load/policy_candidates.h"

#include <algorithm>
#include <numeric>

#include "sim/scenario/policy_text.h"
#include "sim/study/under_load/traffic.h"

namespace offcut::study {
namespace {

/// Returns the values to try of one parameter; none if it has neither a default nor such values.
std::vector<double> tried_values(const ParameterSpec& spec,
                                 const std::vector<scheduling::TriedValues>& tries,
                                 Seconds service) {
  const auto found = std::find_if(
      tries.begin(), tries.end(),
      [&](const scheduling::TriedValues& tried) { return tried.parameter == spec.name; });
  std::vector<double> values;
  if (found == tries.end()) {
    return spec.fallback ? std::vector{*spec.fallback} : values;
  }
  for (const double value : found->values) {
    const double si = found->times_service ? value * service.si() : value;
    values.push_back(std::clamp(si, spec.least, spec.most));
  }
  return values;
}

/// Returns all combinations of the values to try; none if a parameter has none.
template <class Kind>
std::vector<Parameters> combinations(const Kind& kind, Seconds service) {
  std::vector<Parameters> all = {defaults(kind.parameters)};
  for (const ParameterSpec& spec : kind.parameters) {
    if (spec.is_list || (spec.is_text && !spec.one_of.empty())) {
      continue;  // They have defaults.
    }
    std::vector<Parameters> more;
    if (!spec.is_text) {
      for (const double value : tried_values(spec, kind.tries, service)) {
        for (Parameters parameters : all) {
          parameters.set(spec.name, value);
          more.push_back(std::move(parameters));
        }
      }
    }
    all = std::move(more);
  }
  return all;
}

/// Adds a choice unless the list has an equal one.
template <class Kind>
void add_new_choice(const scheduling::Choice<Kind>& choice,
                    std::vector<scheduling::Choice<Kind>>& list) {
  const std::string text = scenario::policy_text(choice);
  if (std::none_of(list.begin(), list.end(), [&](const scheduling::Choice<Kind>& other) {
        return scenario::policy_text(other) == text;
      })) {
    list.push_back(choice);
  }
}

/// Adds all policies of a registry, and having none unless `needs_one`.
template <class Kind>
void add_candidates(const Registry<Kind>& registry, Seconds service, bool needs_one,
                    std::vector<scheduling::Choice<Kind>>& list) {
  const Place place = list.front().chosen_at;
  if (!needs_one) {
    add_new_choice({nullptr, {}, place}, list);
  }
  for (const auto& [name, kind] : registry) {
    for (Parameters& parameters : combinations(kind, service)) {
      add_new_choice({&kind, std::move(parameters), place}, list);
    }
  }
}

/// Returns whether requests of the model may come to the tier.
bool passes(const experiment::Experiment& experiment, std::size_t model, std::size_t tier) {
  return tier >= experiment.scenario.groups || experiment.models[model].group == tier;
}

/// Returns the mean time of a whole model on a tier, by the requests that run it.
Seconds mean_service(const experiment::Experiment& experiment, std::size_t tier) {
  double rate = 0, work = 0;
  const std::size_t level = engine::level_of(tier, experiment.scenario.groups);
  for (const Stream& stream : streams_of(experiment)) {
    if (!passes(experiment, stream.model, tier)) {
      continue;
    }
    const auto& times = experiment.models[stream.model].problem.seconds[level];
    rate += stream.rate.si();
    work += stream.rate.si() * std::accumulate(times.begin(), times.end(), Seconds(0)).si();
  }
  return Seconds(work / rate);
}

bool knows_batches(const experiment::Experiment& experiment, std::size_t tier) {
  if (std::holds_alternative<scenario::FittedDevice>(experiment.scenario.tiers[tier].is)) {
    return false;
  }
  const std::size_t level = engine::level_of(tier, experiment.scenario.groups);
  for (std::size_t i = 0; i < experiment.models.size(); ++i) {
    const auto& measured = experiment.models[i].measured[level];
    if (passes(experiment, i, tier) && measured && !measured->has_batches()) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::vector<TierPolicies> own_policies(const experiment::Experiment& experiment) {
  std::vector<TierPolicies> all;
  for (const scenario::TierChoice& tier : experiment.scenario.tiers) {
    const scheduling::Scheduling& own = tier.scheduling;
    all.push_back({{own.queue}, {own.batching}, {own.dispatch}, {own.admission}});
  }
  return all;
}

std::vector<TierPolicies> candidate_policies(const experiment::Experiment& experiment,
                                             const scenario::Registries& registries) {
  std::vector<TierPolicies> all = own_policies(experiment);
  for (std::size_t tier = 0; tier < all.size(); ++tier) {
    const scenario::TierChoice& choice = experiment.scenario.tiers[tier];
    const Seconds service = mean_service(experiment, tier);
    add_candidates(registries.queues, service, true, all[tier].queues);
    if (knows_batches(experiment, tier)) {
      add_candidates(registries.batching, service, false, all[tier].batching);
    }
    if (tier >= experiment.scenario.groups && choice.servers > choice.sites) {
      add_candidates(registries.dispatch, service, false, all[tier].dispatch);
    }
    add_candidates(registries.admission, service, false, all[tier].admission);
  }
  return all;
}

}  // namespace offcut::study
