// Integer quantisation: X_int = round(X * scale + shift), one scale and shift for a tensor. Where
// they are not given, they map the range of the weights to 0 .. 2^bits - 1. Unlike in the formula,
// the shift is a whole number, so that 0 is a level and pruned weights stay 0.

#include "models/compress/grids.h"

namespace offcut::compress {
namespace {

Network quantise_to_integers(const Network& network, const Parameters& parameters,
                             const Material& /*material*/) {
  Changes changes(network);
  const int bits = static_cast<int>(parameters.at("bits"));
  const double scale = parameters.at("scale");
  for (const Target& target : targets_of(network.graph, parameters.text("layers"))) {
    if (scale > 0) {
      project_to_grid(target,
                      {.lowest = -(1 << (bits - 1)),
                       .highest = (1 << (bits - 1)) - 1,
                       .scales = {static_cast<float>(1 / scale)},
                       .zero_points = {static_cast<int>(parameters.at("shift"))}},
                      changes);
    } else {
      project_to_grid(network, target, {.bits = bits, .symmetric = false}, changes);
    }
  }
  return changes.network();
}

}  // namespace

void register_integer(Registry<Pass>& registry) {
  registry.add({.name = "integer",
                .doc = "weights become round(X * scale + shift), integers of so many bits",
                .citation = "Jacob et al., CVPR 2018, equation 1",
                .parameters = {bits_parameter(8),
                               {.name = "scale",
                                .fallback = 0,
                                .most = 1e12,
                                .doc = "levels per unit; 0: from the range of the weights"},
                               {.name = "shift",
                                .is_whole = true,
                                .fallback = 0,
                                .least = -127,
                                .most = 127,
                                .doc = "the level of 0, with a given scale"},
                               targets_parameter()},
                .apply = quantise_to_integers});
}

}  // namespace offcut::compress
