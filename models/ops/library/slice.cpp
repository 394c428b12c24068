// Slice: along each axis in `axes` the elements from `start` on, every step-th one, up to but not
// including `end`. Negative bounds count from the end, and bounds are clamped; a negative step goes
// backwards. A start before the first element is clamped to it in both directions, unlike in numpy.
// Attributes up to opset 9 (without steps), constant inputs from 10 on.

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/rearrange.h"

namespace offcut::ops {
namespace {

struct Range {
  std::int64_t first, count, step;
};

/// Returns the range start:end:step of an axis.
Range range(std::int64_t start, std::int64_t end, std::int64_t step, std::int64_t extent) {
  if (step == 0) {
    throw std::invalid_argument("a step is 0");
  }
  const bool forwards = step > 0;
  const auto bound = [&](std::int64_t value, std::int64_t least) {
    const std::int64_t place = value < 0 ? value + extent : value;
    return std::min(std::max(place, least), forwards ? extent : extent - 1);
  };
  const std::int64_t first = bound(start, 0);
  const std::int64_t last = bound(end, forwards ? 0 : -1);
  const std::int64_t span = forwards ? last - first : first - last;
  // No step beyond the axis matters, and the smallest integer cannot be negated.
  const std::int64_t pace = std::clamp<std::int64_t>(step, -extent - 1, extent + 1);
  return {first, span <= 0 ? 0 : (span - 1) / std::abs(pace) + 1, pace};
}

std::vector<Range> ranges(const Call& call) {
  const Shape& x = call.shape(0);
  const auto starts = list_argument(call, "starts", 1, 10);
  const auto ends = list_argument(call, "ends", 2, 10);
  if (!starts || !ends) {
    throw std::invalid_argument("starts or ends are missing");
  }
  std::vector<std::int64_t> axes(starts->size());
  std::iota(axes.begin(), axes.end(), 0);
  axes = list_argument(call, "axes", 3, 10).value_or(axes);
  std::vector<std::int64_t> steps(starts->size(), 1);
  if (call.opset >= 10) {
    steps = list_argument(call, "steps", 4, 10).value_or(steps);
  }
  if (ends->size() != starts->size() || axes.size() != starts->size() ||
      steps.size() != starts->size()) {
    throw std::invalid_argument(fmt::format("{} starts, {} ends, {} axes and {} steps",
                                            starts->size(), ends->size(), axes.size(),
                                            steps.size()));
  }
  axes_in(axes, x.size());  // Throws for invalid ones.
  std::vector<Range> all;
  for (const std::int64_t extent : x) {
    all.push_back({0, extent, 1});
  }
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t axis = axis_in(axes[i], x.size());
    all[axis] = range((*starts)[i], (*ends)[i], steps[i], x[axis]);
  }
  return all;
}

std::vector<TensorType> infer_slice(const Call& call) {
  require_inputs(call, call.opset < 10 ? 1 : 3, call.opset < 10 ? 1 : 5);
  TensorType output{call.inputs[0].type, {}};
  for (const Range& r : ranges(call)) {
    output.shape.push_back(r.count);
  }
  return {output};
}

std::vector<Tensor> forward_slice(const Call& call, std::span<const Tensor> inputs) {
  const auto steps = row_major_steps(call.shape(0));
  const auto all = ranges(call);
  std::vector<WalkAxis<1>> axes;
  std::int64_t start = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    axes.push_back({all[i].count, {all[i].step * steps[i]}});
    start += all[i].first * steps[i];
  }
  return {rearranged(inputs[0], infer_slice(call).front().shape, axes, start)};
}

}  // namespace

void register_slice(Registry<Operator>& registry) {
  registry.add({.name = "Slice",
                .doc = "a range of each axis, with a step",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_slice,
                .macs = no_macs,
                .forward = forward_slice});
}

}  // namespace offcut::ops
