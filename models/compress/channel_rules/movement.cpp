// Operators that move, repeat or pad whole positions.
#include <algorithm>
#include <numeric>

#include "models/compress/channel_rule.h"
#include "models/ops/arguments.h"

namespace offcut::compress {
namespace {

void tie_transpose(LayerAxes& axes) {
  const std::size_t rank = axes.in_shape(0).size();
  std::vector<std::int64_t> order(rank);
  std::iota(order.rbegin(), order.rend(), 0);
  order = axes.layer().attributes.integers("perm", order);
  for (std::size_t axis = 0; axis < rank; ++axis) {
    axes.tie(axes.in(0, ops::axis_in(order.at(axis), rank)), axes.out(0, axis));
  }
}

void tie_expand(LayerAxes& axes) {
  const Shape& x = axes.in_shape(0);
  const Shape& y = axes.out_shape(0);
  for (std::size_t axis = y.size() - x.size(); axis < y.size(); ++axis) {
    const std::size_t of_input = axis + x.size() - y.size();
    if (x[of_input] == y[axis]) {
      axes.tie(axes.in(0, of_input), axes.out(0, axis));
    }
  }
}

void adapt_expand(Adaptation& a) {
  std::vector<std::int64_t> shape = a.before().known_integers(1);
  const Shape left = a.new_out_shape(0);
  for (std::size_t back = 1; back <= std::min(shape.size(), left.size()); ++back) {
    std::int64_t& extent = shape[shape.size() - back];
    extent = extent == 1 ? 1 : left[left.size() - back];
  }
  a.replace_list(1, shape);
}

/// Every copy of a position is tied to it; an input of extent 1 that is repeated stays.
void tie_tile(LayerAxes& axes) {
  for (std::size_t axis = 0; axis < axes.in_shape(0).size(); ++axis) {
    const std::int64_t extent = axes.in_shape(0)[axis];
    for (std::int64_t i = 0; i < axes.out_shape(0)[axis]; ++i) {
      axes.tie(axes.out(0, axis), i, axes.in(0, axis), i % extent);
    }
  }
}

struct Margins {
  std::vector<std::int64_t> begin, end;
};

Margins margins_of(const LayerAxes& axes) {
  const std::size_t rank = axes.in_shape(0).size();
  const std::vector<std::int64_t> pads = axes.layer().opset >= 11
                                             ? axes.call().known_integers(1)
                                             : axes.layer().attributes.integers("pads", {});
  std::vector<std::int64_t> named(rank);
  std::iota(named.begin(), named.end(), 0);
  if (axes.layer().opset >= 18 && axes.has(3)) {
    named = axes.call().known_integers(3);
  }
  Margins margins{std::vector<std::int64_t>(rank, 0), std::vector<std::int64_t>(rank, 0)};
  for (std::size_t i = 0; i < named.size(); ++i) {
    margins.begin[ops::axis_in(named[i], rank)] = pads.at(i);
    margins.end[ops::axis_in(named[i], rank)] = pads.at(named.size() + i);
  }
  return margins;
}

/// The positions that are added stay.
void tie_pad(LayerAxes& axes) {
  const Margins margins = margins_of(axes);
  const bool constant = axes.layer().attributes.text("mode", "constant") == "constant";
  for (std::size_t axis = 0; axis < axes.in_shape(0).size(); ++axis) {
    const std::int64_t begin = margins.begin[axis];
    const std::int64_t end = margins.end[axis];
    const Axis x = axes.in(0, axis);
    const Axis y = axes.out(0, axis);
    if (begin < 0 || end < 0 || (!constant && begin + end > 0)) {
      continue;
    }
    for (std::int64_t i = 0; i < axes.extent(y); ++i) {
      if (i < begin || i >= begin + axes.extent(x)) {
        axes.fix(y, i);
      } else {
        axes.tie(y, i, x, i - begin);
      }
    }
  }
}

}  // namespace

void register_movement(Registry<ChannelRule>& registry) {
  registry.add({.name = "transpose",
                .doc = "positions of the same axis",
                .operators = {"Transpose"},
                .tie = tie_transpose});
  registry.add({.name = "expand",
                .doc = "positions of axes that are not repeated",
                .operators = {"Expand"},
                .tie = tie_expand,
                .adapt = adapt_expand});
  registry.add({.name = "tile",
                .doc = "a position with all of its copies",
                .operators = {"Tile"},
                .tie = tie_tile});
  registry.add({.name = "pad",
                .doc = "a position with its place in the result; added positions stay",
                .operators = {"Pad"},
                .tie = tie_pad});
}

}  // namespace offcut::compress
