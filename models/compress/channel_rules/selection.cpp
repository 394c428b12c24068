// Slice and Gather by constants: a position of the result is one of the input.
#include <algorithm>

#include "models/compress/channel_rule.h"
#include "models/ops/arguments.h"

namespace offcut::compress {
namespace {

struct SliceLists {
  std::vector<std::int64_t> starts, ends, axes, steps;
};

SliceLists lists_of(const ops::Call& call) {
  SliceLists lists;
  lists.starts = ops::list_argument(call, "starts", 1, 10).value();
  lists.ends = ops::list_argument(call, "ends", 2, 10).value();
  for (std::size_t i = 0; i < lists.starts.size(); ++i) {
    lists.axes.push_back(static_cast<std::int64_t>(i));
  }
  lists.axes = ops::list_argument(call, "axes", 3, 10).value_or(lists.axes);
  lists.steps.assign(lists.starts.size(), 1);
  if (call.opset >= 10) {
    lists.steps = ops::list_argument(call, "steps", 4, 10).value_or(lists.steps);
  }
  return lists;
}

std::int64_t first_of(std::int64_t start, std::int64_t extent) {
  return std::clamp<std::int64_t>(start < 0 ? start + extent : start, 0, extent);
}

void tie_slice(LayerAxes& axes) {
  const SliceLists lists = lists_of(axes.call());
  const std::size_t rank = axes.in_shape(0).size();
  std::vector<std::int64_t> first(rank, 0);
  for (std::size_t i = 0; i < lists.axes.size(); ++i) {
    const std::size_t axis = ops::axis_in(lists.axes[i], rank);
    first[axis] = lists.steps[i] == 1 ? first_of(lists.starts[i], axes.in_shape(0)[axis]) : -1;
  }
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const Axis whole = axes.in(0, axis);
    const Axis part = axes.out(0, axis);
    for (std::int64_t i = 0; first[axis] >= 0 && i < axes.extent(part); ++i) {
      axes.tie(part, i, whole, first[axis] + i);
    }
  }
}

void adapt_slice(Adaptation& a) {
  SliceLists lists = lists_of(a.before());
  const Shape& x = a.before().shape(0);
  for (std::size_t i = 0; i < lists.axes.size(); ++i) {
    const std::size_t axis = ops::axis_in(lists.axes[i], x.size());
    const std::vector<std::int64_t>& kept = a.kept_in(0, axis);
    if (kept.empty()) {
      continue;
    }
    const std::int64_t first = first_of(lists.starts[i], x[axis]);
    lists.starts[i] = std::lower_bound(kept.begin(), kept.end(), first) - kept.begin();
    lists.ends[i] = lists.starts[i] + a.new_out_shape(0)[axis];
  }
  a.set_list("starts", 1, 10, lists.starts);
  a.set_list("ends", 2, 10, lists.ends);
}

/// Indices may be any tensor along other axes, but only a constant list along the one that is
/// selected from.
void tie_gather(LayerAxes& axes) {
  const std::size_t rank = axes.in_shape(0).size();
  const std::size_t axis = ops::axis_argument(axes.call(), 0);
  const std::size_t index_rank = axes.in_shape(1).size();
  for (std::size_t i = 0; i < rank; ++i) {
    if (i != axis) {
      axes.tie(axes.in(0, i), axes.out(0, i < axis ? i : i + index_rank - 1));
    }
  }
  for (std::size_t i = 0; i < index_rank; ++i) {
    axes.tie(axes.in(1, i), axes.out(0, axis + i));
  }
  if (axes.call().known[1] == nullptr || index_rank != 1) {
    return;
  }
  const std::vector<std::int64_t> indices = axes.call().known_integers(1);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const std::int64_t from = indices[i] + (indices[i] < 0 ? axes.in_shape(0)[axis] : 0);
    axes.tie(axes.out(0, axis), static_cast<std::int64_t>(i), axes.in(0, axis), from);
  }
}

/// Numbers the positions that are left anew.
void adapt_gather(Adaptation& a) {
  const std::size_t axis = ops::axis_argument(a.before(), 0);
  const std::vector<std::int64_t>& kept = a.kept_in(0, axis);
  if (kept.empty()) {
    return;
  }
  std::vector<std::int64_t> left;
  for (const std::int64_t index : a.before().known_integers(1)) {
    const std::int64_t from = index + (index < 0 ? a.before().shape(0)[axis] : 0);
    const auto place = std::lower_bound(kept.begin(), kept.end(), from);
    if (place != kept.end() && *place == from) {
      left.push_back(place - kept.begin());
    }
  }
  a.replace_list(1, left);
}

}  // namespace

void register_selection(Registry<ChannelRule>& registry) {
  registry.add({.name = "slice",
                .doc = "a position of the result with that of the input; steps other than 1 keep "
                       "an axis whole",
                .operators = {"Slice"},
                .tie = tie_slice,
                .adapt = adapt_slice});
  registry.add({.name = "gather",
                .doc = "axes that are not selected from; along the other one, positions that a "
                       "constant list names",
                .operators = {"Gather"},
                .tie = tie_gather,
                .adapt = adapt_gather});
}

}  // namespace offcut::compress
