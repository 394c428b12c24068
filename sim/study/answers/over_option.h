#pragma once

#include <string>
#include <vector>

#include "models/base/error.h"

namespace offcut::study {

/// The parts of a scenario among whose values `offcut recommend` chooses.
struct Over {
  bool plan = false;              // The plans of all models.
  bool scheduling = false;        // The policies of all tiers.
  std::vector<std::string> vary;  // PATH=VALUES, see axis_values().
};

/// Reads lists of `plan`, `scheduling` and PATH=VALUES with commas between them. A comma in
/// brackets, braces or quotes is part of a value. Adds errors about the option.
Over read_over(const std::vector<std::string>& texts, const std::string& option,
               std::vector<Diagnostic>& diagnostics);

}  // namespace offcut::study
