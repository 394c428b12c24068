#pragma once

#include "../naive.h"
#include "partition/studies/optimum.h"

namespace offcut::partition {

/// A solver that tries all assignments, for studies of any small problem.
inline Optimum naive_solver(const Problem& problem) {
  const auto best = naive_best(problem);
  if (!best) {
    return Declined{"no plan keeps the limits"};
  }
  return Plan{
      .algorithm = "naive", .tier_of = best->tier_of, .cost = evaluate(problem, best->tier_of)};
}

}  // namespace offcut::partition
