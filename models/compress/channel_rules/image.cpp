// Operators that change the extents of images: channels pass where they are not resized, and blocks
// of pixels become channels together.
#include "models/compress/channel_rule.h"

namespace offcut::compress {
namespace {

void tie_resize(LayerAxes& axes) {
  if (axes.layer().attributes.has("axes") || axes.layer().attributes.integer("antialias", 0) != 0) {
    return;
  }
  const std::size_t scales = axes.layer().op_name == "Upsample" || axes.layer().opset < 11 ? 1 : 2;
  const bool by_scale = axes.has(scales) && axes.call().known[scales] != nullptr &&
                        axes.in_shape(scales) == Shape{std::int64_t(axes.in_shape(0).size())};
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const bool same =
        by_scale ? axes.call().known_value(scales).values<float>()[axis] == 1 : axes.has(3);
    if (same && axes.in_shape(0)[axis] == axes.out_shape(0)[axis]) {
      axes.tie(axes.in(0, axis), axes.out(0, axis));
    }
  }
}

void adapt_resize(Adaptation& a) {
  if (a.has(3)) {
    a.replace_list(3, a.new_out_shape(0));
  }
}

/// SpaceToDepth, and DepthToSpace in the same order (DCR), number the pixels of a block first; CRD
/// numbers channels first.
void tie_blocks(LayerAxes& axes) {
  const Attributes& attributes = axes.layer().attributes;
  const bool to_depth = axes.layer().op_name == "SpaceToDepth";
  const Axis deep = to_depth ? axes.out(0, 1) : axes.in(0, 1);
  const Axis flat = to_depth ? axes.in(0, 1) : axes.out(0, 1);
  const bool channels_first = attributes.text("mode", "DCR") == "CRD";
  const std::int64_t pixels = axes.extent(deep) / axes.extent(flat);
  axes.tie(axes.in(0, 0), axes.out(0, 0));
  for (std::int64_t i = 0; i < axes.extent(deep); ++i) {
    axes.tie(deep, i, flat, channels_first ? i / pixels : i % axes.extent(flat));
  }
}

}  // namespace

void register_image(Registry<ChannelRule>& registry) {
  registry.add({.name = "resize",
                .doc = "channels of input and output",
                .operators = {"Resize", "Upsample"},
                .tie = tie_resize,
                .adapt = adapt_resize});
  registry.add({.name = "blocks",
                .doc = "a channel with those of its blocks' pixels",
                .operators = {"DepthToSpace", "SpaceToDepth"},
                .tie = tie_blocks});
}

}  // namespace offcut::compress
