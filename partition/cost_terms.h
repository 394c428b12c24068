#pragma once

#include "partition/evaluation.h"

namespace offcut::partition {

/// A part of what the objective makes of a plan, weighted: the latency's in seconds where its
/// weight is 1.
struct CostTerm {
  std::string name;  // "compute edge", "send device-edge", "energy: radio"
  double value;
};

/// The parts of weigh(): they add up to it, and two plans of a problem have the same ones in the
/// same order. Terms of weight 0 are left out.
std::vector<CostTerm> cost_terms(const Problem& problem, const Cost& cost);

}  // namespace offcut::partition
