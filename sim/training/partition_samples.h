#pragma once

#include <vector>

#include "sim/training/split.h"

namespace offcut::training {

/// Throws std::invalid_argument unless there are clients, and at least one sample for each.
void require_samples(const dataset::Samples& samples, std::size_t clients);

/// Returns the numbers of the samples of each class. Throws std::invalid_argument if the samples
/// have no labels.
std::vector<std::vector<std::int64_t>> samples_by_label(const dataset::Samples& samples);

/// Gives samples of the largest clients to those with fewer than `least`, one by one, and sorts
/// every client's. REQUIRES: least * clients samples in all.
ClientData finished_split(std::vector<std::vector<std::int64_t>> samples, std::size_t least = 1);

}  // namespace offcut::training
