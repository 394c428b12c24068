#pragma once

#include <string>

#include "partition/cost_table.h"

namespace offcut::partition {

/// A plan in Graphviz's language: layers in the colour of their tier, and a note with its bytes for
/// each tensor that crosses, which stands once however many layers read it there. Dashed: what
/// comes back.
std::string draw_plan(const CostTable& costs, const Assignment& tier_of);

}  // namespace offcut::partition
