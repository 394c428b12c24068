#pragma once

#include <string>
#include <utility>
#include <vector>

#include "partition/algorithm.h"

namespace offcut::partition {

using Values = std::vector<std::pair<std::string, double>>;

/// Returns the answer of the algorithm of that name, with these parameters and defaults for others.
Outcome outcome_of(const std::string& name, const Problem& problem, const Values& values = {});

/// Returns its plan. REQUIRES: it does not decline.
Plan plan_of(const std::string& name, const Problem& problem, const Values& values = {});

}  // namespace offcut::partition
