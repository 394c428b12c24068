#pragma once

#include <optional>

#include "sim/experiment/experiment.h"

namespace offcut::experiment {

/// Returns the size of the weights of the layers on a tier. Weights that several layers share count
/// once for each of them.
Bytes weights_on(const partition::Problem& problem, const partition::Assignment& tier_of,
                 std::size_t tier);

/// Machines whose memory for models (model-memory) is too small.
struct WeightsShortage {
  const scenario::TierChoice& machines;
  Bytes needed;
};
/// Returns the first machines on which the weights that the assignment puts there do not fit.
std::optional<WeightsShortage> weights_shortage(const PreparedModel& model,
                                                const partition::Assignment& tier_of);

/// Returns an error at the first tier whose memory for models (model-memory) is too small for the
/// weights that the model's plan puts there.
std::optional<Diagnostic> memory_error(const scenario::Scenario& scenario,
                                       const PreparedModel& model, const partition::Plan& plan);

}  // namespace offcut::experiment
