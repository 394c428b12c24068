#pragma once

#include "sim/experiment/experiment.h"

namespace offcut::experiment {

/// Adds the scenario's updates to the simulation. Without a stated size, a tier gets the weights of
/// the layers that the plan puts there; with several groups of devices, a later tier gets the
/// largest of their plans'.
void add_updates(const Experiment& experiment, const std::vector<partition::Plan>& plans,
                 engine::Simulation& simulation);

}  // namespace offcut::experiment
