#pragma once

#include <string>
#include <vector>

#include "models/base/column_table.h"
#include "sim/cli/plan_study.h"
#include "sim/experiment/experiment.h"

namespace offcut::cli {

/// The answer of an algorithm, and the CPU time that it took.
struct SolvedPlan {
  const partition::Algorithm* algorithm;
  partition::Outcome outcome;
  double solve_s;
};

/// The plans of one model, and the studies of them.
struct ModelPlans {
  std::string model;  // Its name in the scenario; empty if the scenario has only one.
  const experiment::PreparedModel* prepared = nullptr;
  const scenario::PlanChoice* choice = nullptr;  // The plan that the scenario asks for.
  std::vector<SolvedPlan> plans;
  std::optional<SensitivityStudy> sensitivity;
  std::vector<partition::Stretch> stretches;
  std::optional<ParetoStudy> pareto;
  partition::Front front;

  const partition::Problem& problem() const { return prepared->problem; }
};

// If the scenario has several models, the last column of each file, `model`, names the row's model.

/// Writes plans.csv: a row per model and algorithm. Only `solve_s` differs from call to call.
void write_plans(const std::vector<ModelPlans>& models, const std::string& path);

/// Writes sensitivity.csv: a row per model and stretch, in SI. REQUIRES: the models have the study.
void write_sensitivity(const std::vector<ModelPlans>& models, const std::string& path);

/// Writes pareto.csv: a row per model and plan of its front. REQUIRES: the models have the study.
void write_pareto(const std::vector<ModelPlans>& models, const std::string& path);

/// Describes the columns of the three files.
std::vector<TableText> plan_table_texts();

}  // namespace offcut::cli
