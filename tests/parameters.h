#pragma once

#include <vector>

#include "models/base/parameters.h"

namespace offcut {

/// Parameters with the values given, pairs of name and value (SI), and the others at their
/// defaults.
template <class Given>
Parameters defaults_but(const std::vector<ParameterSpec>& specs, const Given& given) {
  Parameters values = defaults(specs);
  for (const auto& [name, value] : given) {
    values.set(name, value);
  }
  return values;
}

}  // namespace offcut
