#pragma once

#include <vector>

#include "partition/problem.h"

namespace offcut::partition {

/// The ways to send what crosses under an assignment: as it is, which loses nothing, and with each
/// choice of codecs whose loss is known. Losses are measured at cuts in two, so they are known
/// where all layers run on the device and on one other tier. Tensors that a codec makes no smaller
/// are left out of its choice: they cross as they are.
std::vector<AccuracyTable::Entry> measured_codecs(const Problem& problem,
                                                  const Assignment& tier_of);

}  // namespace offcut::partition
