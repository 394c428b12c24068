#pragma once

#include <vector>

#include "models/base/column_table.h"

namespace offcut::analysis {

/// What the columns of each CSV file of a run mean, in the order in which documents show them.
std::vector<TableText> result_table_texts();

}  // namespace offcut::analysis
