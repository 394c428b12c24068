#pragma once

#include "partition/algorithm.h"

namespace offcut::partition {

/// Answers a problem, such as optimum() does.
using Solver = std::function<Outcome(const Problem&)>;

/// A plan that is proven to be the best, from the first algorithm that has one. Those that declare
/// the least Effort are asked first, and of these the ones whose Proof covers more problems. All
/// assignments are only tried where they are few. Declined with the reason of the last algorithm
/// where none has a proof.
Outcome optimum(const Registry<Algorithm>& algorithms, const Problem& problem);

/// Whether the plan has proven that no other is better, to rounding.
bool is_proven(const Problem& problem, const Plan& plan);

}  // namespace offcut::partition
