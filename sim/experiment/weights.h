#pragma once

#include <optional>

#include "sim/experiment/experiment.h"

namespace offcut::experiment {

/// The weights of the layers on a tier. Those that several layers share count with each.
Bytes weights_on(const partition::Problem& problem, const partition::Assignment& tier_of,
                 std::size_t tier);

/// The tier whose memory for models (model-memory) has no room for the weights that the model's
/// plan puts there; none where all have.
std::optional<Diagnostic> no_room(const scenario::Scenario& scenario, const PreparedModel& model,
                                  const partition::Plan& plan);

}  // namespace offcut::experiment
