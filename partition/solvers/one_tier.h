#pragma once

#include "partition/algorithm.h"

namespace offcut::partition {

/// Everything on the tier of that name; declined where the problem has none.
std::variant<Assignment, Declined> all_on(const CostTable& costs, const std::string& tier);

}  // namespace offcut::partition
