#pragma once

#include "partition/algorithm.h"

namespace offcut {

/// Everything on the tier of that name; declined where the problem has none.
std::variant<Assignment, Declined> all_on(const CostTable& costs, const std::string& tier);

}  // namespace offcut
