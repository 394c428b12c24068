#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "models/base/named.h"
#include "models/base/parameters.h"
#include "models/base/registry.h"
#include "models/compress/grid.h"
#include "models/dataset/samples.h"
#include "models/graph/graph.h"
#include "models/train/trainer.h"

namespace offcut::compress {

/// A network on its way through passes.
struct Network {
  Graph graph;
  /// The rules of the passes so far that training must keep, by the parameter's name: masks,
  /// codebooks, grids. The graph's own parameters obey them. See rules.h.
  std::map<std::string, train::WeightRule> rules;
  /// The grids of parameters that passes have rounded to one, by name, for the file (see pack.h).
  std::map<std::string, Grid> grids;
};

/// The inputs of passes beside the network.
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

/// A pass with its parameters.
struct ChosenPass {
  std::string text;  // As the user wrote it.
  const Pass* pass = nullptr;
  Parameters parameters;
};

/// Reads NAME[:PARAMETER=VALUE,...]. Throws std::invalid_argument with the nearest valid name.
ChosenPass make_pass(const std::string& text, const Registry<Pass>& registry);

/// Returns the parameters of each round of a pass: several if it has a parameter `steps` greater
/// than 1, which raise `rate` by gradual_rate(), with training between them. Else it has one round.
std::vector<Parameters> rounds_of(const ChosenPass& chosen);

/// Returns the rate after `step` of `steps` steps from `initial` to `final`: Zhu and Gupta, "To
/// prune, or not to prune", 2017, equation 1.
double gradual_rate(double initial, double final, int step, int steps);

/// Applies one pass. Throws std::invalid_argument, with the pass's name, if it needs samples that
/// are missing, or does not fit the network; std::logic_error if it breaks its contract.
Network apply_pass(const Pass& pass, const Parameters& parameters, const Network& network,
                   const Material& material);

/// Applies passes one after the other, without training between them.
Network apply_passes(Network network, std::span<const ChosenPass> passes, const Material& material);

}  // namespace offcut::compress

extern template class offcut::Registry<offcut::compress::Pass>;  // In pass.cpp.
