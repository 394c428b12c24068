#pragma once

#include "sim/network/rates/trace_files.h"
#include "sim/scenario/scenario.h"

namespace offcut::scenario {

// Both read as the functions of this name in scenario.h do, but take traces from `traces` as far as
// they are there, and add the others.

/// Throws InputError with every error.
Scenario read_scenario(const std::string& path, const std::vector<Override>& overrides,
                       const Registries& registries, network::TraceFiles& traces);

/// Adds the errors to `diagnostics`.
Scenario read_scenario(const std::string& path, const std::vector<Override>& overrides,
                       const Registries& registries, std::vector<Diagnostic>& diagnostics,
                       network::TraceFiles& traces);

}  // namespace offcut::scenario
