#pragma once

#include <string>
#include <vector>

#include "sim/experiment/experiment.h"

namespace offcut::experiment {

/// Returns what a user should know of these plans, which a run of them does not show: a device that
/// has too little memory, an objective of a batching policy that no batch can keep, batches larger
/// than the measured ones, and work outside the range to which a device is fitted. `plans` are
/// those of Experiment::models, in order.
std::vector<std::string> plan_notes(const Experiment& experiment,
                                    const std::vector<partition::Plan>& plans);

}  // namespace offcut::experiment
