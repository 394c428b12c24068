#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/train/trainer.h"

namespace offcut::compress {

/// The cluster of each weight of a tensor; that of a weight that is 0 does not count.
struct Sharing {
  std::vector<std::uint16_t> cluster;
  std::size_t clusters = 0;
};

/// Returns the projection that gives each weight the mean of its cluster. A weight that is 0 stays
/// 0, and is no part of the mean. Weights of a cluster that are equal keep their bits.
train::WeightRule shared_values(Sharing sharing);

}  // namespace offcut::compress
