#pragma once

#include "partition/evaluation.h"

namespace offcut::partition {

/// A plan with a short longest stage (Cost::bottleneck; Hu et al., DADS, INFOCOM 2019, problem
/// ECDI-H: max{T_e, T_t, T_c}; here the answer counts, too), and a lower bound.
struct StagePlan {
  Assignment tier_of;
  Seconds longest;
  Seconds bound;  // No assignment has a shorter longest stage.
};

/// Searches for a short longest stage among the cheapest assignments for weighted stages (DADS,
/// algorithm DSH: the layers' times are scaled by alpha and gamma, and the best cut over a grid of
/// both is kept). All weights are 1 at first, so with S = tiers + 2 * hops stages, the answer is at
/// most S times the optimum: its sum is at most that of the optimum, which is at most S times the
/// optimum's longest stage. Without answers, this is DADS's factor 3 on two tiers.
///
/// Deviation: weights grow with the stage's share of the longest one (multiplicative weights:
/// Arora, Hazan, Kale, Theory of Computing 8, 2012) instead of following a grid. So there may be
/// any number of tiers, and each minimum cut gives a bound, because a weighted mean of stages is at
/// most the longest one. O(rounds) minimum cuts. REQUIRES: problem.check() holds, can_cut(), no
/// tail, rounds > 0.
StagePlan weigh_stages(const Problem& problem, std::size_t rounds);

}  // namespace offcut::partition
