#pragma once

#include "partition/algorithm.h"

namespace offcut {

/// Answers a problem, such as optimum() does.
using Solver = std::function<Outcome(const Problem&)>;

/// A plan that is proven to be the best, from the first of `multi-tier`, `chain-dp`, `brute-force`
/// (where it has little to try) and `exact` that has one. Declined with the reason of the last
/// where none has.
Outcome optimum(const Registry<Algorithm>& algorithms, const Problem& problem);

/// Whether the plan has proven that no other is better, to rounding.
bool is_proven(const Problem& problem, const Plan& plan);

}  // namespace offcut
