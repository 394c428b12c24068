// Divides a problem with routes into one for each set of stops, and joins the answers. Relies on
// every assignment's stops being the first tiers of one of the sets.

#include "partition/stops.h"

#include <algorithm>
#include <cmath>

#include "partition/legs.h"

namespace offcut::partition {
namespace {

/// Adds the sets that begin with these tiers.
void add_sets(const CostTable& costs, std::vector<std::size_t>& begin,
              std::vector<std::vector<std::size_t>>& sets) {
  const std::size_t last = begin.back();
  if (last + 1 == costs.tier_count()) {
    sets.push_back(begin);
    return;
  }
  for (std::size_t next = last + 1; next < costs.tier_count(); ++next) {
    if (legs_between(costs, last, next).size() == 1) {
      begin.push_back(next);
      add_sets(costs, begin, sets);
      begin.pop_back();
    }
  }
}

template <class T>
std::vector<T> picked(const std::vector<T>& all, const std::vector<std::size_t>& places) {
  std::vector<T> some;
  for (const std::size_t place : places) {
    if (place < all.size()) {
      some.push_back(all[place]);
    }
  }
  return some;
}

void pick(Coding& coding, const std::vector<std::size_t>& tiers) {
  coding.encode = picked(coding.encode, tiers);
  coding.decode = picked(coding.decode, tiers);
}

/// The best answer so far over all sets of stops.
class BestAnswer {
 public:
  BestAnswer(const Algorithm& algorithm, const Problem& problem)
      : algorithm_(algorithm), problem_(problem) {}

  /// Adds a set's answer. Returns its bound: of all plans with these stops.
  double add(const StopProblem& set, Answer answer) {
    if (auto* declined = std::get_if<Declined>(&answer.found)) {
      const bool is_empty = declined->reason == kNoPlan;
      refusal_ = is_empty && refused_ ? refusal_ : std::move(*declined);
      refused_ = true;
      return is_empty ? INFINITY : -INFINITY;
    }
    Assignment inside = std::get<Assignment>(answer.found);
    const double value = weigh(problem_.goal.objective, evaluate(set.problem, inside));
    const double bound = answer.bound.value_or(proves_optimum(algorithm_) ? value : -INFINITY);
    Assignment tier_of = set.in_whole(std::move(inside));
    const double rank = rank_of(tier_of);
    if (!best_ || rank < value_) {
      value_ = rank;
      answer.found = std::move(tier_of);
      best_ = std::move(answer);
    }
    return bound;
  }

  double value() const { return value_; }
  /// Returns whether the algorithm declined a set of whose plans it knows nothing.
  bool is_ignorant() const { return refused_ && refusal_.reason != kNoPlan; }

  Answer take(double bound) {
    if (!best_ || is_ignorant()) {
      return refusal_;
    }
    if (value_ == INFINITY) {
      return Declined{kNoPlan};
    }
    best_->bound = bound == -INFINITY ? std::nullopt : std::optional(std::min(bound, value_));
    return std::move(*best_);
  }

 private:
  /// Returns the value of an assignment in the whole problem; infinite if it breaks a limit that
  /// the algorithm keeps. Of these, only the latency is not that in the problem of its stops.
  double rank_of(const Assignment& tier_of) const {
    const Cost cost = evaluate(problem_, tier_of);
    const auto& deadline = problem_.goal.limits.deadline;
    const bool is_late =
        algorithm_.within.deadline && deadline && cost.latency() > *deadline * (1 + kRounding);
    return is_late ? INFINITY : weigh(problem_.goal.objective, cost);
  }

  const Algorithm& algorithm_;
  const Problem& problem_;
  std::optional<Answer> best_;
  double value_ = INFINITY;  // See rank_of().
  bool refused_ = false;
  Declined refusal_{kNoPlan};
};

bool has_gap(const Problem& problem, const Answer& answer) {
  const auto* tier_of = std::get_if<Assignment>(&answer.found);
  return tier_of != nullptr && gap_of(problem, *tier_of).has_value();
}

/// Returns whether the legs between two tiers of a set have just the tiers of the set between them
/// as stops.
bool may_follow(const CostTable& costs, const std::vector<std::size_t>& tiers, std::size_t from,
                std::size_t to) {
  const std::vector<Leg> legs = legs_between(costs, tiers[from], tiers[to]);
  bool are_same = legs.size() == to - from;
  for (std::size_t i = 0; are_same && i < legs.size(); ++i) {
    are_same = legs[i].to == tiers[from + i + 1];
  }
  return are_same;
}

StopRule rule_of(const CostTable& costs, const std::vector<std::size_t>& tiers) {
  StopRule rule;
  for (std::size_t from = 0; from < tiers.size(); ++from) {
    rule.may_follow.emplace_back(tiers.size(), false);
    for (std::size_t to = from + 1; to < tiers.size(); ++to) {
      rule.may_follow[from][to] = may_follow(costs, tiers, from, to);
    }
    rule.is_required.push_back(!costs.forwards.empty() && costs.forwards[tiers[from]]);
  }
  return rule;
}

}  // namespace

Assignment StopProblem::in_whole(Assignment tier_of) const {
  for (std::size_t& tier : tier_of) {
    tier = tiers[tier];
  }
  return tier_of;
}

std::vector<std::vector<std::size_t>> stop_sets(const CostTable& costs) {
  std::vector<std::vector<std::size_t>> sets;
  std::vector<std::size_t> begin = {0};
  add_sets(costs, begin, sets);
  return sets;
}

StopProblem on_stops(const Problem& problem, std::vector<std::size_t> tiers) {
  StopProblem part{problem, std::move(tiers)};
  Problem& changed = part.problem;
  changed.tiers = picked(problem.tiers, part.tiers);
  changed.seconds = picked(problem.seconds, part.tiers);
  changed.price = picked(problem.price, part.tiers);
  changed.per_request = picked(problem.per_request, part.tiers);
  changed.parallel = picked(problem.parallel, part.tiers);
  changed.memory_share = picked(problem.memory_share, part.tiers);
  changed.goal.limits.memory = picked(problem.goal.limits.memory, part.tiers);
  for (CrossingTensor& tensor : changed.tensors) {
    if (tensor.coding) {
      pick(*tensor.coding, part.tiers);
    }
    for (Coding& candidate : tensor.candidates) {
      pick(candidate, part.tiers);
    }
  }
  changed.stops = rule_of(problem, part.tiers);
  changed.hops.clear();
  changed.direct.clear();
  changed.forwards.clear();
  for (std::size_t i = 0; i + 1 < part.tiers.size(); ++i) {
    const Leg leg = legs_between(problem, part.tiers[i], part.tiers[i + 1]).front();
    changed.hops.push_back(joined(problem, leg));
    if (i == 0) {
      const LegRadio radio = radio_of(problem, leg, changed.hops.front());
      changed.power = radio.power;
      changed.radio = radio.overhead;
    }
  }
  return part;
}

StopProblem with_one_other(const Problem& problem, std::size_t tier) {
  std::vector<std::size_t> tiers = {0};
  for (const Leg& leg : legs_between(problem, 0, tier)) {
    tiers.push_back(leg.to);
  }
  return on_stops(problem, std::move(tiers));
}

std::optional<Gap> gap_of(const Problem& problem, const Assignment& tier_of) {
  std::vector<bool> is_used(problem.tier_count(), false);
  for (const std::size_t tier : tier_of) {
    is_used[tier] = true;
  }
  std::size_t last = 0;
  for (std::size_t tier = 1; tier < is_used.size() && !problem.stops.may_follow.empty(); ++tier) {
    if (is_used[tier]) {
      if (!problem.stops.may_follow[last][tier]) {
        return Gap{last, tier};
      }
      last = tier;
    }
  }
  return std::nullopt;
}

Answer solve_by_stops(const Algorithm& algorithm, const Problem& problem,
                      const Parameters& parameters) {
  struct Open {
    StopProblem set;
    double bound;
  };
  BestAnswer best(algorithm, problem);
  std::vector<Open> open;
  double bound = INFINITY;
  for (const std::vector<std::size_t>& tiers : stop_sets(problem)) {
    StopProblem set = on_stops(problem, tiers);
    Answer answer = algorithm.solve(set.problem, parameters);
    const bool is_open = has_gap(set.problem, answer);
    const double least = best.add(set, std::move(answer));
    if (is_open && least > -INFINITY) {
      open.push_back({std::move(set), least});
    } else {
      bound = std::min(bound, least);
    }
  }
  for (Open& part : open) {
    if (part.bound < best.value() * (1 - kRounding)) {
      part.set.problem.stops.is_kept = true;
      part.set.problem.stops.enough = best.value();
      Answer answer = algorithm.solve(part.set.problem, parameters);
      part.bound = std::max(part.bound, best.add(part.set, std::move(answer)));
    }
    bound = std::min(bound, part.bound);
  }
  return best.take(bound);
}

}  // namespace offcut::partition
