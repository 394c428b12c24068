#pragma once

#include <string>
#include <vector>

#include "models/base/column_table.h"
#include "sim/cli/plan_study.h"
#include "sim/experiment/experiment.h"

namespace offcut::cli {

/// An algorithm, what it answered, and the CPU time that it took.
struct SolvedPlan {
  const partition::Algorithm* algorithm;
  partition::Outcome outcome;
  double solve_s;
};

/// What is found out about one model's plans.
struct ModelPlans {
  std::string model;  // as the scenario calls it; empty where it has only one
  const experiment::PreparedModel* prepared = nullptr;
  std::vector<SolvedPlan> plans;
  std::optional<SensitivityStudy> sensitivity;
  std::vector<partition::Stretch> stretches;
  std::optional<ParetoStudy> pareto;
  partition::Front front;

  const partition::Problem& problem() const { return prepared->problem; }
};

// Where the scenario has several models, each file says in its last column, `model`, whose row it
// is.

/// plans.csv: a row per model and algorithm. `solve_s` is the only column that is not the same
/// every time.
void write_plans(const std::vector<ModelPlans>& models, const std::string& path);

/// sensitivity.csv: a row per model and stretch, in SI. REQUIRES: there is such a study.
void write_sensitivity(const std::vector<ModelPlans>& models, const std::string& path);

/// pareto.csv: a row per model and plan of its front. REQUIRES: there is such a study.
void write_pareto(const std::vector<ModelPlans>& models, const std::string& path);

/// What the columns of the three files mean.
std::vector<TableText> plan_table_texts();

}  // namespace offcut::cli
