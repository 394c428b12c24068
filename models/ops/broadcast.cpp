#include "models/ops/broadcast.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

/// Returns the extent `back` places before the end, or 1 if the shape is shorter.
std::int64_t extent_from_end(const Shape& shape, std::size_t back) {
  return back < shape.size() ? shape[shape.size() - 1 - back] : 1;
}

Shape broadcast_shape(const Shape& a, const Shape& b) {
  Shape shape(std::max(a.size(), b.size()));
  for (std::size_t back = 0; back < shape.size(); ++back) {
    const std::int64_t x = extent_from_end(a, back);
    const std::int64_t y = extent_from_end(b, back);
    if (x != y && x != 1 && y != 1) {
      throw std::invalid_argument(
          fmt::format("shapes {} and {} cannot be broadcast", to_text(a), to_text(b)));
    }
    shape[shape.size() - 1 - back] = x == 1 ? y : x;
  }
  return output_type(DataType::absent, std::move(shape)).shape;
}

/// Makes axes whose steps are 0 where a tensor is repeated.
std::vector<WalkAxis<2>> broadcast_axes(const Shape& a, const Shape& b, const Shape& out) {
  std::vector<WalkAxis<2>> axes(out.size());
  const std::array<std::pair<const Shape&, std::vector<std::int64_t>>, 2> tensors = {
      {{a, row_major_steps(a)}, {b, row_major_steps(b)}}};
  for (std::size_t i = 0; i < out.size(); ++i) {
    axes[i].extent = out[i];
    for (std::size_t t = 0; t < tensors.size(); ++t) {
      const auto& [shape, steps] = tensors.at(t);
      const std::size_t missing = out.size() - shape.size();
      const bool repeats = i < missing || shape[i - missing] == 1;
      axes[i].step.at(t) = repeats ? 0 : steps[i - missing];
    }
  }
  return axes;
}

}  // namespace

Broadcast::Broadcast(const Shape& a, const Shape& b)
    : shape_(broadcast_shape(a, b)), walk_(broadcast_axes(a, b, shape_)) {}

}  // namespace offcut::ops
