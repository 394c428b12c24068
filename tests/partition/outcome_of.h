#pragma once

#include <string>
#include <utility>
#include <vector>

#include "partition/algorithm.h"

namespace offcut::partition {

using Values = std::vector<std::pair<std::string, double>>;

/// What the algorithm of that name answers, with these parameters and the others at their defaults.
Outcome outcome_of(const std::string& name, const Problem& problem, const Values& values = {});

/// REQUIRES: it doesn't decline.
Plan plan_of(const std::string& name, const Problem& problem, const Values& values = {});

}  // namespace offcut::partition
