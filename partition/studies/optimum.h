#pragma once

#include "partition/algorithm.h"

namespace offcut::partition {

/// A best plan, or the reason why none is known.
using Optimum = std::variant<Plan, Declined>;

/// Finds a best plan, such as optimum() does.
using Solver = std::function<Optimum(const Problem&)>;

/// Returns a plan that is proven to be the best, from the first algorithm that has one. Algorithms
/// with the least Effort are asked first, and among these the ones whose Proof covers more
/// problems. Algorithms that try all assignments are only asked if there are few. Declined with the
/// reason of the last algorithm if none has a proof.
Optimum optimum(const Registry<Algorithm>& algorithms, const Problem& problem);

/// Returns whether the plan has proven that no other is better, to rounding.
bool is_proven(const Problem& problem, const Plan& plan);

}  // namespace offcut::partition
