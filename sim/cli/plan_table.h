#pragma once

#include <string>
#include <vector>

#include "sim/cli/plan_files.h"

namespace offcut::cli {

/// The algorithms that have a plan, side by side, and below them the plans that they have found,
/// each once, the best first. Columns that say nothing are left out.
std::string plan_table(const partition::Problem& problem, const std::vector<SolvedPlan>& plans);

}  // namespace offcut::cli
