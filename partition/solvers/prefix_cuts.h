#pragma once

#include "partition/evaluation.h"

namespace offcut::partition {

/// A cut with the first layers on the device and the others on the second tier.
struct PrefixCut {
  std::string after;  // The last layer on the device, or "input".
  Assignment tier_of;
  Cost cost;

  /// Returns the time for which the upload to the second tier occupies the link.
  Seconds upload(const CostTable& costs) const;
};

/// Returns the cuts of the layers in their order, from no layer on the device to all of them. A
/// chain has no other cuts; for a DAG, the cuts after its cut vertices are among them. O(layers *
/// tensors). REQUIRES: costs.check() holds, two tiers.
std::vector<PrefixCut> prefix_cuts(const CostTable& costs);

/// Returns the most frequent cut; among equals the first one.
std::size_t most_frequent(const std::vector<std::size_t>& cut_of);

}  // namespace offcut::partition
