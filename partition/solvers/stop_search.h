#pragma once

#include "partition/algorithm.h"

namespace offcut::partition {

/// Finds the cheapest assignment for a linear objective by minimum cuts, as MultiTierCut does, and
/// under a rule of stops by branching: if the cheapest assignment has a gap (see gap_of()), one of
/// the layers runs on a tier in the gap, or none runs beyond it. Each branch is a minimum cut.
///
/// The answer has a bound: its cost, or if the search stopped after a number of cuts, or met a gap
/// that it can't close so, the least cost of what it left. REQUIRES: as MultiTierCut, can_cut().
Answer solve_cuts(const Problem& problem);

/// Returns the cheapest assignment of a problem that may have routes, as `multi-tier` finds it.
Assignment cheapest_assignment(const Problem& problem);

}  // namespace offcut::partition
