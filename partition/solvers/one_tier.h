#pragma once

#include "partition/algorithm.h"

namespace offcut::partition {

/// Places all layers on the tier of that name. Declined if the problem has no such tier.
std::variant<Assignment, Declined> all_on(const CostTable& costs, const std::string& tier);

}  // namespace offcut::partition
