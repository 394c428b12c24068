// Concat and Split: a position of the whole is one of its part.
#include "models/compress/channel_rule.h"
#include "models/ops/arguments.h"

namespace offcut::compress {
namespace {

/// Ties a part, which begins at `offset` of the whole's axis.
void tie_part(LayerAxes& axes, Axis part, Axis whole, std::size_t axis, std::size_t rank,
              std::int64_t offset) {
  for (std::size_t i = 0; i < rank; ++i) {
    if (i != axis) {
      axes.tie(Axis{part.tensor, i}, Axis{whole.tensor, i});
    }
  }
  for (std::int64_t i = 0; i < axes.extent(part); ++i) {
    axes.tie(part, i, whole, offset + i);
  }
}

void tie_concat(LayerAxes& axes) {
  const std::size_t axis = ops::axis_argument(axes.call(), 0);
  std::int64_t offset = 0;
  for (std::size_t input = 0; input < axes.layer().inputs.size(); ++input) {
    const Axis part = axes.in(input, axis);
    tie_part(axes, part, axes.out(0, axis), axis, axes.out_shape(0).size(), offset);
    offset += axes.extent(part);
  }
}

void tie_split(LayerAxes& axes) {
  const std::size_t axis = ops::axis_argument(axes.call(), 0);
  std::int64_t offset = 0;
  for (std::size_t output = 0; output < axes.outputs(); ++output) {
    const Axis part = axes.out(output, axis);
    tie_part(axes, part, axes.in(0, axis), axis, axes.in_shape(0).size(), offset);
    offset += axes.extent(part);
  }
}

/// States the sizes of parts: without a list, they would be equal.
void adapt_split(Adaptation& a) {
  constexpr int kSizesAreInput = 13;
  const std::size_t axis = ops::axis_argument(a.before(), 0);
  std::vector<std::int64_t> sizes;
  for (std::size_t output = 0; output < a.layer.outputs.size(); ++output) {
    sizes.push_back(a.new_out_shape(output)[axis]);
  }
  a.drop_attribute("num_outputs");
  a.set_list("split", 1, kSizesAreInput, sizes);
}

}  // namespace

void register_parts(Registry<ChannelRule>& registry) {
  registry.add({.name = "concat",
                .doc = "a position of the whole with that of its part",
                .operators = {"Concat"},
                .tie = tie_concat});
  registry.add({.name = "split",
                .doc = "a position of a part with that of the whole",
                .operators = {"Split"},
                .tie = tie_split,
                .adapt = adapt_split});
}

}  // namespace offcut::compress
