#pragma once

#include "partition/studies/optimum.h"

namespace offcut::partition {

/// The best plan among those that cost more than the best one, by more than rounding.
struct NextBest {
  Plan plan;
  bool has_equals = false;  // Another plan costs as little as the best one.
  bool is_sure = true;      // Otherwise, those equals may hide a better one.
};

/// Returns the next best plan. Tries all plans if there are at most `most`. Otherwise, since the
/// next best plan has at least one layer on another tier, it computes one optimum for each layer,
/// in which that layer is kept off its tier; `is_sure` is false if some of these cost the same as
/// the best. Declined if there is none or `solver` finds none; and beyond `most`, if the objective
/// has no latency or has the longest stage, because layers are kept off a tier by a long time
/// there. REQUIRES: `solver` returns optima, `best` is one.
std::variant<NextBest, Declined> next_best(const Problem& problem, const Assignment& best,
                                           const Solver& solver, double most = 1e5);

}  // namespace offcut::partition
