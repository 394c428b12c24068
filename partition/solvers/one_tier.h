#pragma once

#include <string>

#include "partition/algorithm.h"

namespace offcut::partition {

/// The parameter `tier` of an algorithm that uses one tier; `absent` is the default in words.
ParameterSpec tier_parameter(std::string absent);

/// Places all layers on the tier that `tier` names, or, if it names none, on that of the default
/// number. Declined if there is no such tier.
std::variant<Assignment, Declined> all_on(const CostTable& costs, const Parameters& parameters,
                                          std::size_t default_tier);

}  // namespace offcut::partition
