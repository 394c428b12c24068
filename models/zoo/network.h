#pragma once

#include <cstdint>
#include <string>

#include "models/base/registry.h"
#include "models/ops/operator.h"

namespace offcut::zoo {

/// A network that offcut can build without a model file. Its weights are random: what it costs and
/// what crosses its cuts is right, its answers mean nothing.
struct Network {
  std::string name;
  std::string doc;     // one line: input and size
  std::string source;  // the paper, and where this differs from it

  /// A batch of one. Weights depend on the seed alone and are drawn when math first needs them.
  Graph (*build)(const Registry<ops::Operator>& operators, std::uint64_t seed);
};

void register_networks(Registry<Network>& registry);  // generated from models/zoo/networks/*.cpp

}  // namespace offcut::zoo
