#pragma once

#include <cstdint>

#include "models/train/trainer.h"

namespace offcut::train {

/// Returns a hash of everything that the bits of a run depend on: network, samples and options.
/// Rules count by the names of their parameters.
std::uint64_t run_identity(const Graph& network, const dataset::Samples& training,
                           const Libraries& libraries, const TrainerOptions& options);

}  // namespace offcut::train
