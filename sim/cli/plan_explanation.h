#pragma once

#include <string>

#include "sim/cli/plan_study.h"

namespace offcut::cli {

/// Compares the best plan with the next best one, term by term, and names the deciding term.
std::string explain_plan(const partition::Problem& problem, const partition::Plan& best,
                         const partition::Solver& solver);

/// Describes which plan is the best in which range of the parameter.
std::string sensitivity_text(const partition::Problem& problem, const SensitivityStudy& study,
                             const std::vector<partition::Stretch>& stretches);

/// Describes a Pareto front.
std::string front_text(const partition::Problem& problem, const ParetoStudy& study,
                       const partition::Front& front);

}  // namespace offcut::cli
