// Convolutions sum over input channels and write output channels. With groups, every group loses
// the same channels, so that the number of groups stays; a depthwise convolution, whose groups have
// one input channel each, loses groups.
#include "models/compress/channel_rule.h"

namespace offcut::compress {
namespace {

constexpr std::size_t kConvData = 0;
constexpr std::size_t kConvWeights = 1;
constexpr std::size_t kConvBias = 2;

struct Channels {
  std::int64_t groups, read, written;   // The last two per group.
  std::size_t read_axis, written_axis;  // Of the weights.
  bool written_in_groups;               // Whether the weights' axis counts one group's channels.
};

Channels channels_of(const LayerAxes& axes) {
  const Shape& w = axes.in_shape(kConvWeights);
  const std::int64_t groups = axes.layer().attributes.integer("group", 1);
  if (axes.layer().op_name == "Conv") {
    return {groups, w.at(1), w.at(0) / groups, 1, 0, false};
  }
  return {groups, w.at(0) / groups, w.at(1), 0, 1, true};
}

/// Ties each channel of the input to those that are computed from it alone, and to its weights,
/// which have one of their axes for all channels and one for those of a group.
void tie_depthwise(LayerAxes& axes, const Channels& c) {
  const Axis whole = axes.in(kConvWeights, 0);
  for (std::int64_t channel = 0; channel < c.groups * c.written; ++channel) {
    const std::int64_t group = channel / c.written;
    axes.tie(axes.out(0, 1), channel, axes.in(kConvData, 1), group);
    axes.tie(axes.out(0, 1), channel, whole, c.written_in_groups ? group : channel);
  }
}

/// Ties channels to those of the weights, and those of all groups to the first group's.
void tie_groups(LayerAxes& axes, const Channels& c) {
  const Axis read = axes.in(kConvWeights, c.read_axis);
  const Axis written = axes.in(kConvWeights, c.written_axis);
  for (std::int64_t i = 0; i < c.groups * c.read; ++i) {
    axes.tie(axes.in(kConvData, 1), i, read, c.written_in_groups ? i : i % c.read);
    axes.tie(axes.in(kConvData, 1), i, axes.in(kConvData, 1), i % c.read);
  }
  for (std::int64_t m = 0; m < c.groups * c.written; ++m) {
    axes.tie(axes.out(0, 1), m, written, c.written_in_groups ? m % c.written : m);
    axes.tie(axes.out(0, 1), m, axes.out(0, 1), m % c.written);
  }
  axes.sum_over(read);
}

void tie_convolution(LayerAxes& axes) {
  const Channels c = channels_of(axes);
  axes.tie(axes.in(kConvData, 0), axes.out(0, 0));
  if (c.read == 1 && c.groups > 1) {
    tie_depthwise(axes, c);
  } else {
    tie_groups(axes, c);
  }
  if (axes.has(kConvBias)) {
    axes.tie(axes.out(0, 1), axes.in(kConvBias, 0));
  }
}

void adapt_convolution(Adaptation& a) {
  const std::int64_t groups = a.layer.attributes.integer("group", 1);
  const bool transposed = a.layer.op_name == "ConvTranspose";
  const Shape& w = a.before().shape(kConvWeights);
  if (groups > 1 && (transposed ? w[0] / groups : w[1]) == 1) {
    a.layer.attributes.set("group", a.new_in_shape(kConvData)[1]);
  }
}

}  // namespace

void register_convolution(Registry<ChannelRule>& registry) {
  registry.add({.name = "convolution",
                .doc = "input channels with the weights that read them, output channels with the "
                       "filters and biases; with groups, the same channels of every group; "
                       "depthwise, both",
                .operators = {"Conv", "ConvTranspose"},
                .tie = tie_convolution,
                .adapt = adapt_convolution});
}

}  // namespace offcut::compress
