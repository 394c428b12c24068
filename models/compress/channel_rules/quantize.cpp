// QuantizeLinear and DequantizeLinear: element by element, with a scale for all or for each
// position of one axis.
#include "models/compress/channel_rule.h"
#include "models/ops/arguments.h"

namespace offcut::compress {
namespace {

void tie_quantize(LayerAxes& axes) {
  const std::size_t rank = axes.in_shape(0).size();
  for (std::size_t input = 1; input < axes.layer().inputs.size(); ++input) {
    if (axes.has(input) && axes.in_shape(input).size() > 1) {
      return;  // Blocks.
    }
    if (axes.has(input) && axes.in_shape(input).size() == 1 && axes.in_shape(input)[0] > 1) {
      axes.tie(axes.in(input, 0), axes.in(0, ops::axis_argument(axes.call(), 1)));
    }
  }
  for (std::size_t axis = 0; axis < rank; ++axis) {
    axes.tie(axes.in(0, axis), axes.out(0, axis));
  }
}

}  // namespace

void register_quantize(Registry<ChannelRule>& registry) {
  registry.add({.name = "quantize",
                .doc = "positions of input and output, with their scales and zero points",
                .operators = {"DequantizeLinear", "QuantizeLinear"},
                .tie = tie_quantize});
}

}  // namespace offcut::compress
