// Logarithmic quantisation: q = sign(w) * 2^round(log2 |w|), from the largest magnitude down over
// as many octaves as there are codes; smaller weights become 0. The products of a layer then are
// shifts. A code has a sign, and one magnitude stands for 0.

#include <algorithm>
#include <cmath>

#include "models/compress/grids.h"
#include "models/graph/parameter_value.h"

namespace offcut::compress {
namespace {

/// The exponents of the powers of two.
struct Octaves {
  int lowest;
  int highest;
};

float nearest_power(float weight, const Octaves& octaves) {
  const double magnitude = std::abs(double{weight});
  if (magnitude < std::ldexp(1.0, octaves.lowest - 1)) {
    return 0;
  }
  const double exponent =
      std::clamp(std::round(std::log2(magnitude)), double(octaves.lowest), double(octaves.highest));
  return static_cast<float>(std::copysign(std::ldexp(1.0, static_cast<int>(exponent)), weight));
}

Octaves octaves_of(const Tensor& weights, int bits) {
  constexpr int kLeastExponent = -126;  // Of normal floats.
  double greatest = std::ldexp(1.0, kLeastExponent);
  for (const float weight : weights.values<float>()) {
    greatest = std::max(greatest, std::abs(double{weight}));
  }
  const int highest = std::min(127, static_cast<int>(std::round(std::log2(greatest))));
  return {std::max(kLeastExponent, highest - ((1 << (bits - 1)) - 2)), highest};
}

Network quantise_to_powers(const Network& network, const Parameters& parameters,
                           const Material& /*material*/) {
  Changes changes(network);
  for (const Target& target : targets_of(network.graph, parameters.text("layers"))) {
    const Octaves octaves = octaves_of(read_parameter(network.graph.tensor(target.tensor)),
                                       static_cast<int>(parameters.at("bits")));
    changes.project(target.name, [octaves](const Tensor& master) {
      return mapped(master, [&](float weight) { return nearest_power(weight, octaves); });
    });
  }
  return changes.network();
}

}  // namespace

void register_logarithmic(Registry<Pass>& registry) {
  registry.add({.name = "logarithmic",
                .doc = "weights become powers of two",
                .citation = "Miyashita, Lee, Murmann, 2016",
                .parameters = {bits_parameter(4), targets_parameter()},
                .apply = quantise_to_powers});
}

}  // namespace offcut::compress
