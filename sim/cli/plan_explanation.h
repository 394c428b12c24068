#pragma once

#include <string>

#include "sim/cli/plan_study.h"

namespace offcut::cli {

/// The best plan beside the next best one, term by term, and which term decides.
std::string explain_plan(const partition::Problem& problem, const partition::Plan& best,
                         const partition::Solver& solver);

/// Which plan is best where.
std::string sensitivity_text(const partition::Problem& problem, const SensitivityStudy& study,
                             const std::vector<partition::Stretch>& stretches);

std::string front_text(const partition::Problem& problem, const ParetoStudy& study,
                       const partition::Front& front);

}  // namespace offcut::cli
