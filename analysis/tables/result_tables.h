#pragma once

#include <vector>

#include "models/base/column_table.h"

namespace offcut::analysis {

/// What the columns of each CSV file in a run's folder mean, in the order in which a run names
/// them.
std::vector<TableText> result_table_texts();

}  // namespace offcut::analysis
