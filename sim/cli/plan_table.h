#pragma once

#include <string>
#include <vector>

#include "sim/cli/plan_files.h"

namespace offcut::cli {

/// Compares the algorithms that have a plan, a row each; a second table lists the plans that they
/// have found, each once, the best first. Empty columns are dropped.
std::string plan_table(const partition::Problem& problem, const std::vector<SolvedPlan>& plans);

}  // namespace offcut::cli
