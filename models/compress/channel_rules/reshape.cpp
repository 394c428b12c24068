// Operators that keep the elements and their order under another shape. Extents of input and output
// are matched from the left: where their products meet, a segment ends, and each axis of a segment
// is a product of consecutive factors (12 heads of 64 numbers; 256 channels of 7 x 7 pixels). One
// factor of a segment carries channels, the positions of the others are tied to it.
#include <algorithm>

#include "models/compress/channel_rule.h"
#include "models/ops/arguments.h"

namespace offcut::compress {
namespace {

struct Factor {
  std::int64_t outer, extent;  // The product of the segment's extents before it; its own extent.
};

/// Returns the products of extents up to and with each axis.
std::vector<std::int64_t> products(const LayerAxes& layer, const std::vector<Axis>& axes) {
  std::vector<std::int64_t> all;
  std::int64_t product = 1;
  for (const Axis axis : axes) {
    all.push_back(product *= layer.extent(axis));
  }
  return all;
}

/// Returns the common refinement of both sides' axes, or no factors if there is none.
std::vector<Factor> factors_of(const LayerAxes& layer, const std::vector<Axis>& ins,
                               const std::vector<Axis>& outs) {
  std::vector<std::int64_t> bounds = products(layer, ins);
  const std::vector<std::int64_t> others = products(layer, outs);
  bounds.insert(bounds.end(), others.begin(), others.end());
  std::sort(bounds.begin(), bounds.end());
  bounds.erase(std::unique(bounds.begin(), bounds.end()), bounds.end());
  std::vector<Factor> factors;
  std::int64_t outer = 1;
  for (const std::int64_t bound : bounds) {
    if (bound % outer != 0) {
      return {};
    }
    factors.push_back({outer, bound / outer});
    outer = bound;
  }
  return factors;
}

/// Returns the axes of a tensor that are larger than 1.
std::vector<Axis> large_axes(TensorId tensor, const Shape& shape) {
  std::vector<Axis> axes;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] > 1) {
      axes.push_back({tensor, i});
    }
  }
  return axes;
}

/// Ties the positions of one side's axes in a segment to the factor's.
void tie_side(LayerAxes& layer, const std::vector<Axis>& axes, const Factor& factor, Axis first,
              std::int64_t first_inner) {
  std::int64_t outer = 1;
  for (const Axis axis : axes) {
    const std::int64_t extent = layer.extent(axis);
    if (outer <= factor.outer && factor.outer * factor.extent <= outer * extent) {
      const std::int64_t inner = outer * extent / (factor.outer * factor.extent);
      for (std::int64_t i = 0; i < extent; ++i) {
        layer.tie(axis, i, first, i / inner % factor.extent * first_inner);
      }
    } else {
      layer.fix(axis);
    }
    outer *= extent;
  }
}

void tie_segment(LayerAxes& layer, const std::vector<Axis>& ins, const std::vector<Axis>& outs) {
  const std::vector<Factor> factors = factors_of(layer, ins, outs);
  if (factors.empty()) {
    return;
  }
  const Factor chosen = factors[layer.choose_factor(factors.size())];
  std::int64_t outer = 1;
  for (const Axis axis : ins) {
    const std::int64_t extent = layer.extent(axis);
    if (outer <= chosen.outer && chosen.outer * chosen.extent <= outer * extent) {
      const std::int64_t inner = outer * extent / (chosen.outer * chosen.extent);
      tie_side(layer, ins, chosen, axis, inner);
      tie_side(layer, outs, chosen, axis, inner);
      return;
    }
    outer *= extent;
  }
}

void tie_reshape(LayerAxes& layer) {
  if (elements(layer.in_shape(0)) == 0) {
    return;
  }
  const std::vector<Axis> all_ins = large_axes(layer.layer().inputs[0], layer.in_shape(0));
  const std::vector<Axis> all_outs = large_axes(layer.layer().outputs[0], layer.out_shape(0));
  std::size_t i = 0;
  std::size_t o = 0;
  while (i < all_ins.size() && o < all_outs.size()) {
    std::vector<Axis> ins = {all_ins[i++]};
    std::vector<Axis> outs = {all_outs[o++]};
    std::int64_t in = layer.extent(ins[0]);
    std::int64_t out = layer.extent(outs[0]);
    while (in != out) {
      if (in < out) {
        in *= layer.extent(ins.emplace_back(all_ins.at(i++)));
      } else {
        out *= layer.extent(outs.emplace_back(all_outs.at(o++)));
      }
    }
    tie_segment(layer, ins, outs);
  }
}

/// Rewrites a target shape: 0 and -1 still mean what they meant.
void adapt_reshape(Adaptation& a) {
  if (a.layer.op_name != "Reshape") {
    return;
  }
  std::vector<std::int64_t> shape = a.before().known_integers(1);
  const Shape left = a.new_out_shape(0);
  for (std::size_t i = 0; i < shape.size(); ++i) {
    shape[i] = shape[i] > 0 ? left[i] : shape[i];
  }
  a.replace_list(1, shape);
}

}  // namespace

void register_reshape(Registry<ChannelRule>& registry) {
  registry.add({.name = "reshape",
                .doc = "positions of one factor of each axis that is split or merged: the "
                       "outermost, or where that can't be removed, another one",
                .operators = {"Flatten", "Reshape", "Squeeze", "Unsqueeze"},
                .tie = tie_reshape,
                .adapt = adapt_reshape});
}

}  // namespace offcut::compress
