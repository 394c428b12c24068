#pragma once

#include <string>

#include "models/base/parameters.h"

namespace offcut::codec {

/// A parameter that counts. Throws std::invalid_argument where it is no whole number.
int whole_number(const Parameters& parameters, const std::string& name);

}  // namespace offcut::codec
