#pragma once

#include <string>

#include "models/base/column_table.h"
#include "models/graph/graph.h"

namespace offcut::cli {

/// Writes the work of each layer, as the roofline model takes it (models/cost/roofline.h), as CSV.
void write_work(const Graph& graph, const std::string& path);

/// Describes its columns.
TableText work_table_text();

}  // namespace offcut::cli
