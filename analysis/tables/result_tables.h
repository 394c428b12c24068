#pragma once

#include <vector>

#include "models/base/column_table.h"

namespace offcut::analysis {

/// Returns the texts of all CSV files in the folder of a run, in the order in which a run lists
/// them.
std::vector<TableText> result_table_texts();

}  // namespace offcut::analysis
