#pragma once

#include <string>
#include <vector>

#include "sim/experiment/experiment.h"

namespace offcut::experiment {

/// A tier whose device has less memory than plans need there.
struct MemoryShortage {
  std::size_t tier = 0;
  std::string machines;  // The name of the tier, or of a group of its machines.
  Bytes needed, available;
};

/// Returns the tiers whose devices have too little memory for the plans of all models together:
/// for the parameters of all layers there, as far as `model-memory` lets them be in memory at once,
/// and for the largest working memory of one. A tier whose memory is unknown (measured, fitted and
/// tabled times) has enough. `plans` are those of Experiment::models, in order.
std::vector<MemoryShortage> memory_shortages(const Experiment& experiment,
                                             const std::vector<partition::Plan>& plans);

/// Returns "'device' needs 579 MB of memory and has 1 MB".
std::string shortage_text(const Experiment& experiment, const MemoryShortage& shortage);

}  // namespace offcut::experiment
