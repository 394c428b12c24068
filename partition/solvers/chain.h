#pragma once

#include <optional>

#include "partition/problem.h"

namespace offcut::partition {

/// A chain of layers: each layer reads the tensors that the previous one makes, and no other layer
/// reads them. Layers that read and make nothing are beside the chain, pinned to the device (such
/// as a tail, see solve()).
struct Chain {
  std::vector<LayerId> layers;
  std::vector<LayerId> beside;

  /// The tensors that cross before a layer of the chain if it and all later ones run farther out.
  struct Boundary {
    Bytes up;
    Bytes down;                   // Bytes of outputs that are made after it.
    bool answers = false;         // An output is made after it.
    std::vector<Seconds> encode;  // Per tier.
    std::vector<Seconds> decode;
  };
};

/// Returns the problem as a chain, or none if it is not one.
std::optional<Chain> chain_of(const Problem& problem);

/// Returns the boundaries before each layer and after the last one.
std::vector<Chain::Boundary> boundaries_of(const CostTable& costs, const Chain& chain);

}  // namespace offcut::partition
