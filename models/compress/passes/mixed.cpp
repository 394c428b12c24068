// Mixed quantisation: the weights of a set I become integers, those of a set F stay floats. Both
// sets are given by names; F wins where a name is in both.

#include <algorithm>
#include <stdexcept>

#include "models/compress/grids.h"

namespace offcut::compress {
namespace {

Network quantise_some(const Network& network, const Parameters& parameters,
                      const Material& /*material*/) {
  std::vector<Target> targets = targets_of(network.graph, parameters.text("integers"));
  if (const std::string& floats = parameters.text("floats"); !floats.empty()) {
    const std::vector<Target> kept = targets_of(network.graph, floats);
    std::erase_if(targets, [&](const Target& target) {
      return std::any_of(kept.begin(), kept.end(),
                         [&](const Target& other) { return other.tensor == target.tensor; });
    });
  }
  if (targets.empty()) {
    throw std::invalid_argument("all weights of integers are also in floats");
  }
  Changes changes(network);
  for (const Target& target : targets) {
    project_to_grid(network, target,
                    {.bits = static_cast<int>(parameters.at("bits")), .symmetric = false}, changes);
  }
  return changes.network();
}

}  // namespace

void register_mixed(Registry<Pass>& registry) {
  registry.add({.name = "mixed",
                .doc = "the weights of some layers become integers, the others stay floats",
                .citation = "Wang, Liu, Lin, Lin, Han, \"HAQ\", CVPR 2019 (precision per layer)",
                .parameters = {{.name = "integers",
                                .is_text = true,
                                .doc = "patterns of the layers or weights in integers: conv*",
                                .example = "*",
                                .absent = "all"},
                               {.name = "floats",
                                .is_text = true,
                                .doc = "patterns of those that stay floats all the same",
                                .example = "conv1",
                                .absent = "none"},
                               bits_parameter(8)},
                .apply = quantise_some});
}

}  // namespace offcut::compress
