#pragma once

#include <span>
#include <string>
#include <string_view>

#include "models/base/units.h"

namespace offcut {

/// Returns the ending of the message that a unit is unknown: "; did you mean 'Mbit/s'?", or else the
/// list of valid units. A suggestion is never another magnitude than the name may mean. `valid` are
/// the units of the dimension.
std::string unit_suggestion(std::string_view name, Dimension dimension,
                            std::span<const std::string> valid);

}  // namespace offcut
