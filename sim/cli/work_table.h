#pragma once

#include <string>

#include "models/base/column_table.h"
#include "models/graph/graph.h"

namespace offcut::cli {

/// Writes the work of each layer as the roofline sees it (models/cost/roofline.h) into a CSV file.
void write_work(const Graph& graph, const std::string& path);

/// What its columns mean.
TableText work_table_text();

}  // namespace offcut::cli
