// Normalisations with statistics and scales of each channel; with groups, channels of a group share
// their statistics, so whole groups go.
#include "models/compress/channel_rule.h"

namespace offcut::compress {
namespace {

void tie_channel_norm(LayerAxes& axes) {
  const bool fixed_statistics = axes.layer().op_name == "BatchNormalization";
  const std::size_t rank = axes.in_shape(0).size();
  for (std::size_t axis = 0; axis < (fixed_statistics ? rank : std::size_t{2}); ++axis) {
    axes.tie(axes.in(0, axis), axes.out(0, axis));
  }
  for (std::size_t input = 1; input < axes.layer().inputs.size(); ++input) {
    if (axes.has(input)) {
      axes.tie(axes.in(0, 1), axes.in(input, 0));
    }
  }
  const std::int64_t groups = axes.layer().attributes.integer("num_groups", 0);
  const std::int64_t channels = axes.in_shape(0)[1];
  for (std::int64_t c = 0; groups > 0 && c < channels; ++c) {
    const std::int64_t size = channels / groups;
    axes.tie(axes.in(0, 1), c, axes.in(0, 1), c / size * size);
  }
}

void adapt_channel_norm(Adaptation& a) {
  const std::int64_t groups = a.layer.attributes.integer("num_groups", 0);
  if (groups > 0) {
    const std::int64_t size = a.before().shape(0)[1] / groups;
    a.layer.attributes.set("num_groups", a.new_in_shape(0)[1] / size);
  }
}

}  // namespace

void register_channel_norm(Registry<ChannelRule>& registry) {
  registry.add({.name = "channel-norm",
                .doc = "channels with their scales, shifts and statistics; GroupNormalization: "
                       "all channels of a group",
                .operators = {"BatchNormalization", "GroupNormalization", "InstanceNormalization"},
                .tie = tie_channel_norm,
                .adapt = adapt_channel_norm});
}

}  // namespace offcut::compress
