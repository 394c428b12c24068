#pragma once

#include "partition/evaluation.h"

namespace offcut::partition {

/// The first layers on the device, the others on the second tier.
struct PrefixCut {
  std::string after;  // the last layer on the device, or "input"
  Assignment tier_of;
  Cost cost;

  /// Seconds that it keeps the link up to the second tier busy.
  Seconds upload(const CostTable& costs) const;
};

/// Every cut of all layers in their order, from nothing on the device to all of them there.
/// Of a chain these are all its cuts; of a DAG, those after its cut vertices are among them.
/// O(layers * tensors). REQUIRES: costs.check() holds, two tiers.
std::vector<PrefixCut> prefix_cuts(const CostTable& costs);

/// The cut that is there most often; among equals the first one.
std::size_t most_frequent(const std::vector<std::size_t>& cut_of);

}  // namespace offcut::partition
