// Finds the next best plan, by trying all plans or from one optimum per layer: the layer gets so
// much extra time on its tier that any plan with it on another tier is cheaper.

#include "partition/studies/next_best.h"

#include <cmath>

#include "partition/solvers/enumeration.h"

namespace offcut::partition {
namespace {

/// Keeps the best plan among those that cost more than the best one.
class Candidates {
 public:
  Candidates(const Problem& problem, const Assignment& best)
      : problem_(problem),
        best_(best),
        equal_(weigh(problem.goal.objective, evaluate(problem, best)) * (1 + kRounding)) {}

  void add(const Assignment& tier_of) {
    const auto value = value_within_limits(problem_, tier_of);
    if (!value || tier_of == best_) {
      return;
    }
    if (*value <= equal_) {
      has_equals_ = true;
    } else if (*value < least_) {
      least_ = *value;
      next_ = tier_of;
    }
  }

  bool has_equals() const { return has_equals_; }
  /// Returns an empty assignment if there is none.
  const Assignment& next() const { return next_; }

 private:
  const Problem& problem_;
  const Assignment& best_;
  double equal_;
  double least_ = INFINITY;
  bool has_equals_ = false;
  Assignment next_;
};

/// Returns more seconds than any plan takes.
Seconds beyond_all(const Problem& problem) {
  Seconds sum(1);
  for (const auto& row : problem.seconds) {
    for (const Seconds seconds : row) {
      sum += seconds;
    }
  }
  for (std::size_t number = 0; number < problem.hop_count(); ++number) {
    const Hop& hop = problem.hop(number);
    Bytes up, down;
    for (const CrossingTensor& tensor : problem.tensors) {
      up += tensor.outward_bytes();
      down += tensor.bytes;
    }
    sum += hop.message_time(true, up) + hop.message_time(false, down);
  }
  for (const Seconds time : problem.per_request) {
    sum += time;
  }
  for (const CrossingTensor& tensor : problem.tensors) {
    for (std::size_t tier = 0; tensor.coding && tier < problem.tier_count(); ++tier) {
      sum += tensor.coding->encode[tier] + tensor.coding->decode[tier];
    }
  }
  return sum;
}

/// Returns so many seconds of latency that any plan without them has a smaller objective.
Seconds dearer_than_all(const Problem& problem) {
  const Objective& objective = problem.goal.objective;
  const DevicePower& power = problem.power;
  const RadioOverhead& radio = problem.radio;
  Seconds seconds = beyond_all(problem) + radio.promotion;
  double other_radios = 0;
  for (const DirectHop& hop : problem.direct) {
    const RadioOverhead& other = hop.radio;
    seconds += other.promotion;
    other_radios += (other.promoting * other.promotion + other.tail).si();
    other_radios += ((hop.send + hop.receive + other.waiting) * beyond_all(problem)).si();
  }
  double value = (objective.latency * seconds).si();
  value +=
      objective.energy *
      ((power.busy + power.send + power.receive + power.idle + radio.promoting + radio.waiting) *
           seconds +
       radio.tail)
          .si();
  value += objective.energy * other_radios;
  for (const double price : problem.price) {
    value += objective.money * price * seconds.si();
  }
  for (std::size_t number = 0; number < problem.hop_count(); ++number) {
    const Hop& hop = problem.hop(number);
    for (const CrossingTensor& tensor : problem.tensors) {
      value += objective.money * hop.price * (tensor.outward_bytes() + tensor.bytes).si();
    }
  }
  return Seconds(2 * value / objective.latency);
}

/// Returns whether extra seconds on a tier keep a layer off it.
bool seconds_count(const Problem& problem) {
  return problem.goal.objective.is_linear() && problem.goal.objective.latency > 0;
}

Plan plan_of(const Problem& problem, Assignment tier_of) {
  Plan plan{.algorithm = "next best", .tier_of = std::move(tier_of)};
  plan.cost = evaluate(problem, plan.tier_of);
  verify(problem, plan);
  return plan;
}

/// Adds the optima in which one layer is kept off its tier, for each layer. Returns the solver's
/// last reason if it declined.
std::string try_others(const Problem& problem, const Assignment& best, const Solver& solver,
                       Candidates& candidates) {
  std::string reason = "no other plan costs more";
  const Seconds far = dearer_than_all(problem);
  Problem changed = problem;
  for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
    Seconds& seconds = changed.seconds[best[layer]][layer];
    const Seconds true_seconds = seconds;
    seconds += far;
    const Optimum outcome = solver(changed);
    if (const auto* declined = std::get_if<Declined>(&outcome)) {
      reason = declined->reason;
    } else if (const auto& plan = std::get<Plan>(outcome); plan.tier_of[layer] != best[layer]) {
      candidates.add(plan.tier_of);
    }
    seconds = true_seconds;
  }
  return reason;
}

}  // namespace

std::variant<NextBest, Declined> next_best(const Problem& problem, const Assignment& best,
                                           const Solver& solver, double most) {
  Candidates candidates(problem, best);
  std::string reason = "no other plan costs more";
  const bool can_try_all = are_at_most(problem, most);
  if (can_try_all) {
    each_assignment(problem, [&](const Assignment& tier_of) {
      candidates.add(tier_of);
      return true;
    });
  } else if (!seconds_count(problem)) {
    return Declined{
        "there are too many plans to try each, and the objective has no latency or has the longest "
        "stage"};
  } else {
    reason = try_others(problem, best, solver, candidates);
  }
  if (candidates.next().empty()) {
    return Declined{reason};
  }
  return NextBest{.plan = plan_of(problem, candidates.next()),
                  .has_equals = candidates.has_equals(),
                  .is_sure = can_try_all || !candidates.has_equals()};
}

}  // namespace offcut::partition
