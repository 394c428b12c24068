#pragma once

#include <string>
#include <vector>

#include "models/base/error.h"
#include "sim/study/sweep/axis_values.h"

namespace offcut::study {

/// A parameter of a scenario with the values over which it is screened.
struct ScreenedFactor {
  std::string path;
  NumberRange range;
  std::vector<std::string> values;  // In place of a range.

  /// Returns the value at a share of the range, from 0 to 1.
  std::string value_at(double share) const;
};

/// Reads PATH=FROM..TO with a unit ("1..100 Mbit/s"; whole numbers if neither end has a point or a
/// unit), PATH={from: 1 ms, to: 1 s, scale: log}, or PATH=[a, b, c]. Adds errors about the option.
ScreenedFactor read_factor(const std::string& text, const std::string& option,
                           std::vector<Diagnostic>& diagnostics);

}  // namespace offcut::study
