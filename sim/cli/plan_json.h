#pragma once

#include <vector>

#include "sim/cli/json_document.h"
#include "sim/cli/plan_files.h"

namespace offcut::cli {

/// Adds "plans", "plan", "sensitivity" and "pareto", as far as they were asked for: the rows of
/// these files. `chosen` are the plans of all models that were made under load, if any.
void add_plan_tables(Json& document, const std::vector<ModelPlans>& models,
                     const std::vector<partition::Plan>& chosen);

/// Returns what the algorithms say beside their plans: remarks, figures, and the explanation of the
/// best plan.
Json plan_notes_json(const std::vector<ModelPlans>& models);

}  // namespace offcut::cli
