// Linear quantisation of weights: q = clamp(round(w / s) + z, lowest, highest), and the weight
// becomes (q - z) * s. Zero is always a level, so that pruned weights stay 0.

#include "models/compress/grids.h"
#include "models/compress/targets.h"

namespace offcut::compress {
namespace {

Network quantise_linearly(const Network& network, const Parameters& parameters,
                          const Material& /*material*/) {
  Changes changes(network);
  for (const Target& target : targets_of(network.graph, parameters.text("layers"))) {
    GridChoice choice{.bits = static_cast<int>(parameters.at("bits")),
                      .symmetric = parameters.text("mode") == "symmetric",
                      .least_squares = parameters.text("range") == "mse"};
    if (parameters.text("per") == "channel") {
      choice.channel_axis = {target.channel_axis};
    }
    project_to_grid(network, target, choice, changes);
  }
  return changes.network();
}

}  // namespace

void register_linear(Registry<Pass>& registry) {
  registry.add(
      {.name = "linear",
       .doc = "weights on even steps, with 0 as a level",
       .citation = "Jacob et al., CVPR 2018, section 2.1; Krishnamoorthi, 2018",
       .parameters = {bits_parameter(8),
                      {.name = "per",
                       .is_text = true,
                       .one_of = {"channel", "tensor"},
                       .doc = "whether each output channel has a scale of its own"},
                      {.name = "mode",
                       .is_text = true,
                       .one_of = {"symmetric", "asymmetric"},
                       .doc = "2^bits - 1 levels about 0, or 2^bits over the range of the weights"},
                      {.name = "range",
                       .is_text = true,
                       .one_of = {"mse", "max"},
                       .doc = "the scale of the least squared error, or one that clips nothing"},
                      targets_parameter()},
       .apply = quantise_linearly});
}

}  // namespace offcut::compress
