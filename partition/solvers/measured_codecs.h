#pragma once

#include <vector>

#include "partition/problem.h"

namespace offcut::partition {

/// Returns the ways to send the tensors that cross under an assignment, whose losses are known:
/// unencoded, and with each choice of codecs. Losses are measured at cuts in two parts, so they are
/// known if all layers run on the device and on one other tier; unencoded, nothing is lost anywhere
/// if tiers compute in floats. A tensor that a codec does not make smaller is left out of the
/// choice: it crosses unencoded.
std::vector<AccuracyTable::Entry> measured_codecs(const Problem& problem,
                                                  const Assignment& tier_of);

}  // namespace offcut::partition
