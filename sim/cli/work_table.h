#pragma once

#include <string>

#include "models/base/table_target.h"
#include "models/cost/device.h"
#include "models/graph/graph.h"

namespace offcut::cli {

/// Writes the work of each layer, as the roofline model takes it (models/cost/roofline.h) with a
/// runtime, as CSV.
void write_work(const Graph& graph, const TableTarget& target, const cost::Runtime& runtime = {});

/// Describes its columns.
TableText work_table_text();

}  // namespace offcut::cli
