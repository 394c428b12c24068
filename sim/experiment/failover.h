#pragma once

#include <vector>

#include "sim/experiment/experiment.h"

namespace offcut::experiment {

/// Appends itineraries for requests that find no machine of a tier up: the layers of the tier are
/// on the next one, too. Enters them as those that the itinerary `number`, which is that of the
/// plan, goes on with, tier by tier; and theirs in turn, if the next tier fails as well. Encoded
/// tensors keep the codecs of the plan; others cross as they are. A tier has none if the model
/// would not fit the next tier's memory for models.
void add_failovers(const PreparedModel& model, const partition::Plan& plan, std::size_t number,
                   engine::Simulation& simulation);

}  // namespace offcut::experiment
