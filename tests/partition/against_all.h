#pragma once

#include <map>
#include <string>

#include "partition/algorithm.h"

namespace offcut::partition {

struct AllAlgorithms : Registry<Algorithm> {
  AllAlgorithms() { register_algorithms(*this); }
};

/// Counts of comparisons of all algorithms with all assignments.
struct ComparisonCounts {
  std::map<std::string, std::size_t> answers;
  std::map<std::string, std::size_t> proven;
  std::map<std::string, std::size_t> best;  // Proven or not.
  std::size_t skips = 0;                    // Optima that leave out a tier.
};

/// Checks the plan of each algorithm against naive_best(): it has the cost of naive_cost(), no plan
/// is better than the optimum, no bound is above it, and proofs hold. An algorithm that claims to
/// be exact must prove its plan unless it states bounds in such a problem. Adds to the counts.
void compare_with_all(const Problem& problem, const Registry<Algorithm>& algorithms,
                      bool with_exact, ComparisonCounts& counts);

}  // namespace offcut::partition
