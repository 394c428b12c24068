#pragma once

#include <string>

#include "models/base/column_table.h"
#include "models/cost/device.h"
#include "models/graph/graph.h"

namespace offcut::cli {

/// Writes the work of each layer, as the roofline model takes it (models/cost/roofline.h) with a
/// runtime, as CSV.
void write_work(const Graph& graph, const std::string& path, const cost::Runtime& runtime = {});

/// Describes its columns.
TableText work_table_text();

}  // namespace offcut::cli
