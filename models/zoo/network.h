#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "models/base/registry.h"
#include "models/ops/operator.h"

namespace offcut::zoo {

/// A dimension of a network that the user may choose, such as the size of its image or the number
/// of its tokens.
struct OpenDimension {
  std::string name;
  std::int64_t usual;  // The extent of the published network.
  std::int64_t least = 1;
  std::int64_t most;
  std::int64_t multiple = 1;  // The extent must be a multiple of this number.
};

/// A network that offcut can build without a model file. Its weights are random: its costs and the
/// sizes of its tensors are right, its results have no meaning.
struct Network {
  std::string name;
  std::string doc;     // One line: input and size.
  std::string source;  // The paper, and the differences from it.

  /// Builds a batch of one. Weights depend only on the seed and are drawn when math first needs
  /// them.
  Graph (*build)(const Registry<ops::Operator>& operators, std::uint64_t seed);

  /// The open dimension, and the function that builds the network for an extent of it. Weights
  /// whose shapes are the same have the same values for every extent.
  std::optional<OpenDimension> open;
  Graph (*build_for)(const Registry<ops::Operator>& operators, std::uint64_t seed,
                     std::int64_t extent) = nullptr;
};

/// Returns the error in extents of dimensions: the network does not have the dimension, or can't
/// have the extent. Empty if there is none.
std::string binding_error(const Network& network, const std::map<std::string, std::int64_t>& bind);

/// Builds a network with the given extents of its dimensions. REQUIRES: no binding_error().
Graph build_network(const Network& network, const Registry<ops::Operator>& operators,
                    std::uint64_t seed, const std::map<std::string, std::int64_t>& bind);

void register_networks(Registry<Network>& registry);  // Generated from models/zoo/networks/*.cpp.

}  // namespace offcut::zoo
