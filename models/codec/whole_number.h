#pragma once

#include <string>

#include "models/base/parameters.h"

namespace offcut::codec {

/// Returns a parameter that is a count. Throws std::invalid_argument if it is not a whole number.
int whole_number(const Parameters& parameters, const std::string& name);

}  // namespace offcut::codec
