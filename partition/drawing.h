#pragma once

#include <string>

#include "partition/cost_table.h"

namespace offcut::partition {

/// Returns a plan in Graphviz's language. Layers have the colour of their tier. A tensor that
/// crosses is one note with its bytes, however many layers read it; tensors that come back are
/// dashed.
std::string draw_plan(const CostTable& costs, const Assignment& tier_of);

}  // namespace offcut::partition
