#pragma once

#include <functional>

#include "partition/algorithm.h"

namespace offcut::partition {

/// Returns a problem in which layers run one after the other, and no assignment costs more than in
/// the given one. Layers beside which no other can run count in full, so a chain costs the same in
/// both. The layers between two of these are a block, and count in one of two ways:
///
/// - Each has its time divided by the number of layers that may run at the same time as it does,
///   itself included, or by the tier's engines if these are fewer. At any moment of a schedule, the
///   layers that run are independent of each other. If they are k, the time of each was divided by
///   k or more, so the divided times of all of them together pass at most as fast as the clock. How
///   many layers can run beside one is bounded by a cover of the layers that are independent of it
///   by chains (Dilworth, "A decomposition theorem for partially ordered sets", Annals of
///   Mathematics 51(1), 1950), found greedily.
/// - Only the layers of the longest path through the block count, in full.
///
/// The way counts in which the whole block takes longer. O(layers^2 engines) for each tier.
Problem with_least_times(Problem problem);

/// Returns a problem in which layers run one after the other, and in which an assignment costs the
/// same as in the given one if it cuts only before or after layers that run alone: the layers
/// between these share the time of their schedule in proportion to their own times.
Problem with_times_of_blocks(Problem problem);

/// Solves a problem with parallel tiers by an algorithm that adds up times of layers (see
/// Branches::bounded): with the least times, whose optimum is a bound, then with the times of
/// blocks, and then with the times of layers one after the other, until a plan meets the bound. The
/// best plan in the given problem counts. The answer has a bound if the algorithm proves one.
Answer solve_branches(const Algorithm& algorithm, const Problem& problem,
                      const std::function<Answer(const Problem&)>& solve_sums);

}  // namespace offcut::partition
