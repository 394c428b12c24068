#pragma once

#include <vector>

#include "sim/experiment/experiment.h"

namespace offcut::experiment {

/// Notes an error for each direct hop that no plan of any model can use: whatever tiers its layers
/// are on, no message takes the hop.
void check_direct_hops(const scenario::Scenario& scenario, const std::vector<PreparedModel>& models,
                       std::vector<Diagnostic>& diagnostics);

}  // namespace offcut::experiment
