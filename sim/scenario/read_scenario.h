#pragma once

#include "sim/network/rates/trace_files.h"
#include "sim/scenario/scenario.h"

namespace offcut::scenario {

/// Reads as the read_scenario() that adds errors to `diagnostics`, but takes traces from `traces`
/// as far as they are there, and adds the others.
Scenario read_scenario(const std::string& path, const std::vector<Override>& overrides,
                       const Registries& registries, std::vector<Diagnostic>& diagnostics,
                       network::TraceFiles& traces);

}  // namespace offcut::scenario
