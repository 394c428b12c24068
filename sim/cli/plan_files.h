#pragma once

#include <string>
#include <vector>

#include "models/base/column_table.h"
#include "sim/cli/plan_study.h"
#include "sim/experiment/experiment.h"

namespace offcut::cli {

/// An algorithm, its answer, and the CPU time that it took.
struct SolvedPlan {
  const partition::Algorithm* algorithm;
  partition::Outcome outcome;
  double solve_s;
};

/// The plans of one model, and the studies of them.
struct ModelPlans {
  std::string model;  // as the scenario calls it; empty where it has only one
  const experiment::PreparedModel* prepared = nullptr;
  const scenario::PlanChoice* choice = nullptr;  // What the scenario says of its plan.
  std::vector<SolvedPlan> plans;
  std::optional<SensitivityStudy> sensitivity;
  std::vector<partition::Stretch> stretches;
  std::optional<ParetoStudy> pareto;
  partition::Front front;

  const partition::Problem& problem() const { return prepared->problem; }
};

// If the scenario has several models, the last column of each file, `model`, names the row's model.

/// plans.csv: a row per model and algorithm. `solve_s` alone differs from one call to the next.
void write_plans(const std::vector<ModelPlans>& models, const std::string& path);

/// sensitivity.csv: a row per model and stretch, in SI. REQUIRES: there is such a study.
void write_sensitivity(const std::vector<ModelPlans>& models, const std::string& path);

/// pareto.csv: a row per model and plan of its front. REQUIRES: there is such a study.
void write_pareto(const std::vector<ModelPlans>& models, const std::string& path);

/// What the columns of the three files mean.
std::vector<TableText> plan_table_texts();

}  // namespace offcut::cli
