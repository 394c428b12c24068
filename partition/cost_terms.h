#pragma once

#include "partition/evaluation.h"

namespace offcut::partition {

/// A weighted part of a plan's objective.
struct CostTerm {
  std::string name;  // "compute edge", "send device-edge", "energy: radio"
  double value;
};

/// Returns the parts of weigh(), which add up to it. Two plans of a problem have the same parts in
/// the same order. Terms of weight 0 are left out.
std::vector<CostTerm> cost_terms(const Problem& problem, const Cost& cost);

}  // namespace offcut::partition
