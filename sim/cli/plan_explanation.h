#pragma once

#include <string>

#include "sim/cli/plan_study.h"

namespace offcut::cli {

/// The best plan beside the next best one, term by term, and which term decides.
std::string explain_plan(const Problem& problem, const Plan& best, const Solver& solver);

/// Which plan is best where.
std::string sensitivity_text(const Problem& problem, const SensitivityStudy& study,
                             const std::vector<Stretch>& stretches);

std::string front_text(const Problem& problem, const ParetoStudy& study, const Front& front);

}  // namespace offcut::cli
