#pragma once

#include <optional>
#include <vector>

#include "partition/algorithm.h"

namespace offcut::partition {

/// The problem with some of its tiers alone, whose hops are the legs between these.
struct StopProblem {
  Problem problem;
  std::vector<std::size_t> tiers;  // Their indices in the whole problem, the device first.

  /// Returns the tiers of an assignment of `problem` in the whole problem.
  Assignment in_whole(Assignment tier_of) const;
};

/// Returns the sets of tiers from the device to the last one between which messages have a single
/// leg each. The stops of any assignment are the first ones of such a set, if they are all tiers of
/// it that come before the assignment's last one.
std::vector<std::vector<std::size_t>> stop_sets(const CostTable& costs);

/// Returns the problem with these tiers alone. In it, a tier without layers takes whole messages,
/// so an assignment costs there what it costs in the whole problem if its stops are these tiers, or
/// the first ones of them. REQUIRES: `tiers` is one of stop_sets().
StopProblem on_stops(const Problem& problem, std::vector<std::size_t> tiers);

/// Returns the problem of the device and one other tier, and of the tiers between them that take
/// the messages.
StopProblem with_one_other(const Problem& problem, std::size_t tier);

/// Tiers that come one after the other in a plan, which the rule of a set of stops forbids.
struct Gap {
  std::size_t tier;
  std::size_t next;
};

/// Returns the first gap of an assignment under the problem's rule, kept or not.
std::optional<Gap> gap_of(const Problem& problem, const Assignment& tier_of);

/// The reason of an algorithm that knows that there is no plan within the limits.
inline constexpr const char* kNoPlan = "no plan keeps the limits";

/// Solves a problem with routes by an algorithm whose costs add up hop by hop.
///
/// The cost of leaving out a tier is no sum over hops. But once the stops are fixed, the problem is
/// that of as many tiers, and the best plan is the best one over all sets of stops. Each set is
/// solved first without the demand that every tier of it be a stop: that is a bound for its plans.
/// Only if the answer leaves out a tier, so that its cost in the whole problem is another one, and
/// the bound is below the best plan so far, is the set solved again, with StopRule::is_kept.
///
/// The bound of the answer is the least one of all sets, and none if one of them has none. If the
/// algorithm declines a set for another reason than kNoPlan, that is the answer.
Answer solve_by_stops(const Algorithm& algorithm, const Problem& problem,
                      const Parameters& parameters);

}  // namespace offcut::partition
