// Pooling works on each channel by itself; extents of images stay.
#include "models/compress/channel_rule.h"

namespace offcut::compress {
namespace {

void tie_pooling(LayerAxes& axes) {
  if (axes.outputs() > 1) {
    return;  // Indices count through all channels.
  }
  axes.tie(axes.in(0, 0), axes.out(0, 0));
  axes.tie(axes.in(0, 1), axes.out(0, 1));
}

}  // namespace

void register_pooling(Registry<ChannelRule>& registry) {
  registry.add({.name = "pooling",
                .doc = "channels of input and output",
                .operators = {"AveragePool", "GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool",
                              "LpPool", "MaxPool"},
                .tie = tie_pooling});
}

}  // namespace offcut::compress
