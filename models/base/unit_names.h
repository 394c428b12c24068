#pragma once

#include <string>
#include <vector>

#include "models/base/units.h"

namespace offcut {

/// Returns the units of the dimension that parse_quantity() knows, the SI unit first; of a number,
/// the percent sign alone.
std::vector<std::string> unit_names(Dimension dimension);

}  // namespace offcut
