#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "models/base/registry.h"
#include "models/dataset/samples.h"
#include "models/graph/graph.h"
#include "models/train/trainer.h"

namespace offcut::compress {

/// A network on its way through passes.
struct Network {
  Graph graph;
  /// What further training must keep of the passes so far, by the parameter's name: masks,
  /// codebooks, grids. The graph's own parameters obey them.
  std::map<std::string, train::WeightRule> rules;
};

/// What passes may read beside the network.
struct Material {
  const train::Libraries& libraries;
  const dataset::Samples* samples = nullptr;  // Training samples; null without a data set.
  std::uint64_t seed = 1;
};

/// A step that makes a network smaller, which one file of models/compress/passes registers.
struct Pass {
  std::string name;
  std::string doc;  // One line.
  std::string citation;
  std::vector<ParameterSpec> parameters = {};
  bool needs_samples = false;

  /// Returns the network after the pass. Inputs, outputs and their types stay. Throws
  /// std::invalid_argument for a network that it does not fit, with the layer's name.
  Network (*apply)(const Network&, const Parameters&, const Material&);
};

void register_passes(Registry<Pass>& registry);  // Generated from models/compress/passes.

}  // namespace offcut::compress

extern template class offcut::Registry<offcut::compress::Pass>;  // In pass.cpp.
