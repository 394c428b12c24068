#pragma once

#include <optional>

#include "partition/problem.h"

namespace offcut::partition {

/// Each of its layers reads what the one before it makes, and nothing else does. Layers that read
/// and make nothing stand beside it, pinned to the device (such as a tail, see solve()).
struct Chain {
  std::vector<LayerId> layers;
  std::vector<LayerId> beside;

  /// What crosses in front of a layer of the chain, where it and all after it run farther out.
  struct Boundary {
    Bytes up;
    Bytes down;                   // of the outputs that are made after it
    bool answers = false;         // whether there is one
    std::vector<Seconds> encode;  // per tier
    std::vector<Seconds> decode;
  };
};

/// The problem as a chain; none where it is not one.
std::optional<Chain> chain_of(const Problem& problem);

/// In front of each of its layers, and after the last.
std::vector<Chain::Boundary> boundaries_of(const CostTable& costs, const Chain& chain);

}  // namespace offcut::partition
