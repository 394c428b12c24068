#pragma once

#include "partition/optimum.h"

namespace offcut {

/// The best of all plans but `best`, which is the optimum: tries all where there are at most
/// `most`; else, since it has at least one layer on another tier, one optimum for each layer that
/// is kept from the tier it has. Declined where there is none or `solver` finds none, and beyond
/// `most` where the objective has no latency, or the longest stage: layers are kept off a tier by
/// the time that they take there.
/// REQUIRES: `solver` gives optima.
Outcome next_best(const Problem& problem, const Assignment& best, const Solver& solver,
                  double most = 1e4);

}  // namespace offcut
