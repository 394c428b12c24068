// Weight clipping: weights beyond a threshold become the threshold, or 0. The threshold is given,
// or is a quantile of the magnitudes of a layer's weights.

#include <algorithm>
#include <cmath>

#include "models/base/quantile.h"
#include "models/compress/rules.h"
#include "models/compress/targets.h"
#include "models/graph/parameter_value.h"

namespace offcut::compress {
namespace {

train::WeightRule clipping(float threshold, bool to_zero) {
  return [threshold, to_zero](const Tensor& master) {
    return mapped(master, [&](float weight) {
      return to_zero ? (std::abs(weight) > threshold ? 0.0F : weight)
                     : std::clamp(weight, -threshold, threshold);
    });
  };
}

Network clip_weights(const Network& network, const Parameters& parameters,
                     const Material& /*material*/) {
  Changes changes(network);
  const double share = parameters.at("quantile");
  for (const Target& target : targets_of(network.graph, parameters.text("layers"))) {
    double threshold = parameters.at("threshold");
    if (share > 0) {
      const Tensor weights = read_parameter(network.graph.tensor(target.tensor));
      std::vector<double> magnitudes;
      for (const float weight : weights.values<float>()) {
        magnitudes.push_back(std::abs(weight));
      }
      threshold = quantile(std::move(magnitudes), share);
    }
    changes.limit(target.name,
                  clipping(static_cast<float>(threshold), parameters.text("mode") == "to-zero"));
  }
  return changes.network();
}

}  // namespace

void register_clip(Registry<Pass>& registry) {
  registry.add({.name = "clip",
                .doc = "weights beyond a threshold are set to it, or to 0",
                .citation = "Migacz, \"8-bit inference with TensorRT\", GTC 2017 (saturation)",
                .parameters = {{.name = "threshold", .doc = "the greatest magnitude"},
                               {.name = "quantile",
                                .most = 1,
                                .doc = "the same, as a quantile of the layer's magnitudes",
                                .instead_of = "threshold"},
                               {.name = "mode",
                                .is_text = true,
                                .one_of = {"saturate", "to-zero"},
                                .doc = "what larger weights become: the threshold, or 0"},
                               targets_parameter()},
                .apply = clip_weights});
}

}  // namespace offcut::compress
