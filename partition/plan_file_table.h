#pragma once

#include <vector>

#include "models/base/table_target.h"
#include "partition/plan_file.h"

namespace offcut::partition {

/// Writes plan.csv as write_plan_file() does, or keeps its rows.
void write_plan_table(const std::vector<NamedPlan>& plans, const TableTarget& target);

}  // namespace offcut::partition
