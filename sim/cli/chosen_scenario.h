#pragma once

#include <string>
#include <vector>

#include "sim/scenario/scenario.h"

namespace offcut::cli {

/// Writes a scenario with these settings, and every default, filled in, after a comment. Throws
/// InputError if it cannot be written.
void write_chosen_scenario(const std::string& path, const std::string& base,
                           const std::vector<scenario::Override>& settings,
                           const std::string& comment, const scenario::Registries& registries);

}  // namespace offcut::cli
