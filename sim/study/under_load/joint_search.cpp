#include "sim/study/under_load/joint_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sim/engine/core/legs.h"
#include "sim/experiment/memory_shortage.h"
#include "sim/scenario/policy_misfits.h"
#include "sim/scenario/policy_text.h"

namespace offcut::study {
namespace {

// A state must be better by this share, so that ties keep what the user has chosen.
constexpr double kBetter = 1e-4;
constexpr std::size_t kMostRounds = 20;

/// Returns the time of a prediction on a usual machine. Queues are asked about each pair of
/// streams, and the probability of a wait is a recursion over the cores.
double seconds_per_prediction(const experiment::Experiment& experiment, const LoadModel& model) {
  constexpr double kAlways = 1e-5, kPerPair = 1e-5, kPerCore = 2e-7;
  const auto streams = static_cast<double>(model.streams().size());
  double cores = 0;
  for (std::size_t tier = experiment.scenario.groups; tier < experiment.scenario.tiers.size();
       ++tier) {
    cores += static_cast<double>(engine::cores_of(experiment.scenario.tiers[tier]));
  }
  return kAlways + kPerPair * streams * streams + kPerCore * cores;
}

template <class Kind>
void widen(const std::vector<scheduling::Choice<Kind>>& candidates,
           scheduling::Choice<Kind>& widest) {
  std::size_t most = 0;
  for (const scheduling::Choice<Kind>& choice : candidates) {
    const std::size_t size = choice ? choice.kind->most(choice.parameters) : 1;
    if (size > most) {
      most = size;
      widest = choice;
    }
  }
}

}  // namespace

JointSearch::JointSearch(const experiment::Experiment& experiment,
                         const Registry<partition::Algorithm>& algorithms,
                         const std::vector<partition::Plan>& idle,
                         std::vector<TierPolicies> policies, Seconds budget)
    : experiment_(experiment),
      model_(experiment),
      policies_(std::move(policies)),
      most_(
          static_cast<std::size_t>(budget.si() / 2 / seconds_per_prediction(experiment, model_))) {
  std::vector<const Cut*> cuts;
  pools_.reserve(idle.size());
  for (std::size_t i = 0; i < idle.size(); ++i) {
    experiment::PreparedModel widest = experiment.models[i];
    widest.data = {};  // Predictions need no inputs.
    for (std::size_t level = 0; level < widest.tiers.size(); ++level) {
      widen(policies_[number_of(level, i)].batching, widest.tiers[level].scheduling.batching);
    }
    pools_.emplace_back(experiment.scenario, std::move(widest), algorithms, idle[i],
                        budget / (2 * static_cast<double>(idle.size())));
    cuts.push_back(pools_.back().cuts().front());
  }
  goal_ = delay_goal(experiment, model_, cuts);
}

JointState JointSearch::first() const {
  JointState state{std::vector<std::size_t>(pools_.size()), {}};
  for (const scenario::TierChoice& tier : experiment_.scenario.tiers) {
    state.scheduling.push_back(tier.scheduling);
  }
  return state;
}

SystemChoice JointSearch::choice_of(const JointState& state) const {
  SystemChoice choice{.scheduling = &state.scheduling};
  for (std::size_t i = 0; i < pools_.size(); ++i) {
    choice.cuts.push_back(pools_[i].cuts()[state.cuts[i]]);
  }
  return choice;
}

std::string JointSearch::name_of(const JointState& state) const {
  std::string name;
  for (const std::size_t cut : state.cuts) {
    name += fmt::format("{} ", cut);
  }
  for (const scheduling::Scheduling& policies : state.scheduling) {
    name += fmt::format("| {}", scenario::policies_text(policies));
  }
  return name;
}

PredictedDelay JointSearch::predict(const JointState& state) {
  const std::string name = name_of(state);
  if (const auto known = known_.find(name); known != known_.end()) {
    return known->second.delay;
  }
  const PredictedDelay delay = predicted_delay(goal_, model_, model_.predict(choice_of(state)));
  known_.emplace(name, Known{state, delay});
  return delay;
}

bool JointSearch::is_allowed(const JointState& state) const {
  for (std::size_t tier = 0; tier < state.scheduling.size(); ++tier) {
    if (!scenario::policy_misfits(experiment_.scenario.tiers[tier], state.scheduling[tier],
                                  tier < experiment_.scenario.groups)
             .empty()) {
      return false;
    }
  }
  if (!experiment_.scenario.enforces_memory) {
    return true;
  }
  std::vector<partition::Plan> plans;
  for (const Cut* cut : choice_of(state).cuts) {
    plans.push_back(cut->plan);
  }
  return experiment::memory_shortages(experiment_, plans).empty();
}

/// Returns the number of a tier or hop in the scenario from that on the way of the model's
/// requests.
std::size_t JointSearch::number_of(std::size_t level, std::size_t model) const {
  return engine::number_of(level, experiment_.models[model].group, experiment_.scenario.groups);
}

/// Returns the prices on the way of the model's requests.
LoadPrices JointSearch::prices_of(const LoadPrices& all, std::size_t model) const {
  const partition::Problem& problem = experiment_.models[model].problem;
  LoadPrices prices;
  for (std::size_t level = 0; level < problem.tier_count(); ++level) {
    prices.tier.push_back(all.tier[number_of(level, model)]);
  }
  for (std::size_t level = 0; level < problem.hops.size(); ++level) {
    prices.up.push_back(all.up[number_of(level, model)]);
    prices.down.push_back(all.down[number_of(level, model)]);
  }
  return prices;
}

/// Averages the waits of the model's streams, by their rates.
PresentWaits JointSearch::waits_of(const JointState& state, std::size_t model) const {
  const SystemLoad load = model_.predict(choice_of(state));
  const std::size_t tiers = experiment_.models[model].problem.tier_count();
  PresentWaits waits{std::vector<Seconds>(tiers), std::vector<Seconds>(tiers)};
  double rate = 0;
  for (std::size_t i = 0; i < load.streams.size(); ++i) {
    rate += model_.streams()[i].model == model ? model_.streams()[i].rate.si() : 0;
  }
  for (std::size_t i = 0; i < load.streams.size(); ++i) {
    const Stream& stream = model_.streams()[i];
    const StreamDelay& delay = load.streams[i];
    const double share = stream.model == model ? stream.rate.si() / rate : 0;
    for (std::size_t tier = 0; tier < tiers; ++tier) {
      waits.tier[tier] += delay.tier_wait[number_of(tier, model)] * share;
    }
    const scenario::Scenario& scenario = experiment_.scenario;
    for (std::size_t level = 0; level < experiment_.models[model].problem.hops.size(); ++level) {
      const std::size_t hop = number_of(level, model);
      const std::size_t to = engine::ends_of(scenario.hops[hop], hop, scenario.groups).to;
      waits.links[engine::level_of(to, scenario.groups)] +=
          (delay.up_wait[hop] + delay.down_wait[hop]) * share;
    }
  }
  return waits;
}

void JointSearch::add_cuts(const JointState& state) {
  const LoadPrices prices = model_.prices(choice_of(state));
  for (std::size_t i = 0; i < pools_.size(); ++i) {
    pools_[i].add_optima(prices_of(prices, i), waits_of(state, i));
  }
}

JointState JointSearch::with_best_cuts(JointState state) {
  for (bool is_better = true; is_better;) {
    is_better = false;
    for (std::size_t model = 0; model < pools_.size(); ++model) {
      for (std::size_t cut = 0; cut < pools_[model].cuts().size() && !is_out_of_budget(); ++cut) {
        JointState other = state;
        other.cuts[model] = cut;
        if (is_allowed(other) && value(other) < value(state) * (1 - kBetter)) {
          state = std::move(other);
          is_better = true;
        }
      }
    }
  }
  return state;
}

template <class Kind>
bool JointSearch::improve(JointState& state, std::size_t tier,
                          const std::vector<scheduling::Choice<Kind>> TierPolicies::*list,
                          scheduling::Choice<Kind> scheduling::Scheduling::*part) {
  bool is_better = false;
  for (const scheduling::Choice<Kind>& choice : policies_[tier].*list) {
    JointState other = state;
    other.scheduling[tier].*part = choice;
    if (!is_out_of_budget() && is_allowed(other) && value(other) < value(state) * (1 - kBetter)) {
      state = std::move(other);
      is_better = true;
    }
  }
  return is_better;
}

JointState JointSearch::with_best_policies(JointState state) {
  for (bool is_better = true; is_better;) {
    is_better = false;
    for (std::size_t tier = 0; tier < policies_.size(); ++tier) {
      each_kind([&](auto list, auto part) { is_better |= improve(state, tier, list, part); });
    }
  }
  return state;
}

/// Follows the exact cuts at the prices of each other's load, under the state's policies.
std::size_t JointSearch::cycle_of(JointState state) {
  std::vector<std::vector<std::size_t>> visited = {state.cuts};
  while (visited.size() <= kMostRounds) {
    const LoadPrices prices = model_.prices(choice_of(state));
    std::vector<std::size_t> next;
    for (std::size_t i = 0; i < pools_.size(); ++i) {
      next.push_back(pools_[i].best_at(prices_of(prices, i), waits_of(state, i)));
    }
    const auto before = std::find(visited.begin(), visited.end(), next);
    if (before != visited.end()) {
      const auto length = static_cast<std::size_t>(visited.end() - before);
      return length == 1 ? 0 : length;
    }
    visited.push_back(next);
    state.cuts = std::move(next);
  }
  return visited.size();
}

/// Chooses the policies for other cuts, too, since policies that pay off under one of them may not
/// do so under another.
void JointSearch::try_other_cuts(const JointState& best) {
  constexpr std::size_t kMostCombinations = 256;
  std::size_t combinations = 1;
  for (const CutPool& pool : pools_) {
    combinations = std::min(kMostCombinations + 1, combinations * pool.cuts().size());
  }
  std::vector<JointState> others;
  if (combinations <= kMostCombinations) {
    for (std::size_t number = 0; number < combinations; ++number) {
      JointState other = first();
      std::size_t rest = number;
      for (std::size_t model = 0; model < pools_.size(); ++model) {
        other.cuts[model] = rest % pools_[model].cuts().size();
        rest /= pools_[model].cuts().size();
      }
      others.push_back(std::move(other));
    }
  } else {
    for (std::size_t model = 0; model < pools_.size(); ++model) {
      for (std::size_t cut = 0; cut < pools_[model].cuts().size(); ++cut) {
        others.push_back(best);
        others.back().cuts[model] = cut;
      }
    }
  }
  std::stable_sort(others.begin(), others.end(),
                   [&](const JointState& a, const JointState& b) { return value(a) < value(b); });
  for (JointState& other : others) {
    if (is_allowed(other) && !is_out_of_budget()) {
      JointState improved = other;
      improved.scheduling = best.scheduling;
      if (is_allowed(improved)) {
        with_best_policies(std::move(improved));
      }
      with_best_policies(std::move(other));
    }
  }
}

Alternation JointSearch::run() {
  for (CutPool& pool : pools_) {
    pool.add_all();
  }
  Alternation result;
  JointState state = first();
  for (std::string before; result.rounds < kMostRounds && before != name_of(state);
       ++result.rounds) {
    before = name_of(state);
    add_cuts(state);
    state = with_best_policies(with_best_cuts(std::move(state)));
  }
  result.cycle = cycle_of(state);
  try_other_cuts(state);
  return result;
}

std::vector<JointState> JointSearch::best_states(
    std::size_t most, const std::optional<std::vector<std::size_t>>& cuts) const {
  std::vector<const Known*> order;
  for (const auto& [name, known] : known_) {
    if ((!cuts || known.state.cuts == *cuts) && is_allowed(known.state)) {
      order.push_back(&known);
    }
  }
  std::stable_sort(order.begin(), order.end(), [&](const Known* a, const Known* b) {
    return a->delay.value(goal_) < b->delay.value(goal_);
  });
  std::vector<JointState> best;
  std::set<std::pair<std::vector<std::size_t>, double>> taken;
  for (const Known* known : order) {
    if (best.size() < most &&
        taken.emplace(known->state.cuts, known->delay.value(goal_).si()).second) {
      best.push_back(known->state);
    }
  }
  return best;
}

std::vector<JointState> JointSearch::neighbours(const JointState& state) {
  std::vector<JointState> all;
  const auto add = [&](auto change) {
    JointState other = state;
    change(other);
    if (is_allowed(other)) {
      all.push_back(std::move(other));
    }
  };
  for (std::size_t model = 0; model < pools_.size(); ++model) {
    for (std::size_t cut = 0; cut < pools_[model].cuts().size(); ++cut) {
      add([&](JointState& other) { other.cuts[model] = cut; });
    }
  }
  for (std::size_t tier = 0; tier < policies_.size(); ++tier) {
    each_kind([&](auto list, auto part) {
      for (const auto& choice : policies_[tier].*list) {
        add([&](JointState& other) { other.scheduling[tier].*part = choice; });
      }
    });
  }
  std::stable_sort(all.begin(), all.end(),
                   [&](const JointState& a, const JointState& b) { return value(a) < value(b); });
  return all;
}

}  // namespace offcut::study
