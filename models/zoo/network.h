#pragma once

#include <cstdint>
#include <string>

#include "models/base/registry.h"
#include "models/ops/operator.h"

namespace offcut::zoo {

/// A network that offcut can build without a model file. Its weights are random: its costs and the
/// sizes of its tensors are right, its results have no meaning.
struct Network {
  std::string name;
  std::string doc;     // One line: input and size.
  std::string source;  // The paper, and the differences from it.

  /// Builds a batch of one. Weights depend only on the seed and are drawn when math first needs
  /// them.
  Graph (*build)(const Registry<ops::Operator>& operators, std::uint64_t seed);
};

void register_networks(Registry<Network>& registry);  // Generated from models/zoo/networks/*.cpp.

}  // namespace offcut::zoo
