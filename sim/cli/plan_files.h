#pragma once

#include <functional>
#include <string>
#include <vector>

#include "models/base/table_target.h"
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
  std::string explanation = {};  // Of the best plan; empty unless --explain asks for it.

  const partition::Problem& problem() const { return prepared->problem; }
};

// If the scenario has several models, the last column of each file, `model`, names the row's model.

/// Writes plans.csv: a row per model and algorithm. Only `solve_s` differs from call to call.
void write_plans(const std::vector<ModelPlans>& models, const TableTarget& target);

/// Writes sensitivity.csv: a row per model and stretch, in SI. REQUIRES: the models have the study.
void write_sensitivity(const std::vector<ModelPlans>& models, const TableTarget& target);

/// Writes pareto.csv: a row per model and plan of its front. REQUIRES: the models have the study.
void write_pareto(const std::vector<ModelPlans>& models, const TableTarget& target);

/// Writes a table where it belongs.
using WriteTable = std::function<void(const TableTarget&)>;

/// Calls `use` with the name of each file that the models have, plan.csv included, and a function
/// that writes it. `chosen` are the plans of all models that were made under load, if any.
void write_plan_tables(const std::vector<ModelPlans>& models,
                       const std::vector<partition::Plan>& chosen,
                       const std::function<void(const std::string&, const WriteTable&)>& use);

/// Describes the columns of the three files.
std::vector<TableText> plan_table_texts();

}  // namespace offcut::cli
