#pragma once

#include <string>
#include <vector>

#include "sim/cli/plan_study.h"
#include "sim/scenario/experiment.h"

namespace offcut::cli {

/// An algorithm, what it answered, and the CPU time that it took.
struct SolvedPlan {
  const Algorithm* algorithm;
  Outcome outcome;
  double solve_s;
};

/// plans.csv: a row per algorithm. `solve_s` is the only column that is not the same every time.
void write_plans(const Problem& problem, const std::vector<SolvedPlan>& plans,
                 const std::string& path);

/// sensitivity.csv: a row per stretch, in SI.
void write_sensitivity(const Problem& problem, const SensitivityStudy& study,
                       const std::vector<Stretch>& stretches, const std::string& path);

/// pareto.csv: a row per plan of the front.
void write_pareto(const Problem& problem, const ParetoStudy& study, const Front& front,
                  const std::string& path);

}  // namespace offcut::cli
