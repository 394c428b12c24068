#pragma once

#include "partition/studies/optimum.h"

namespace offcut::partition {

/// The best of all plans that cost more than the best, by more than rounding.
struct NextBest {
  Plan plan;
  bool has_equals = false;  // some other plan costs as little as the best
  bool is_sure = true;      // otherwise a better one may be hidden behind those equals
};

/// Tries all plans where there are at most `most`; else, since it has at least one layer on another
/// tier, one optimum for each layer that is kept from the tier it has. Where that only finds plans
/// that cost the same, `is_sure` says so. Declined where there is none or `solver` finds none, and
/// beyond `most` where the objective has no latency, or the longest stage: layers are kept off a
/// tier by the time that they take there.
/// REQUIRES: `solver` gives optima, `best` is one.
std::variant<NextBest, Declined> next_best(const Problem& problem, const Assignment& best,
                                           const Solver& solver, double most = 1e5);

}  // namespace offcut::partition
