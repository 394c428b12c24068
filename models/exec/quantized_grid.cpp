// Finds the scale of weights that were quantised. The largest weight is m times the scale for some
// m up to 128, so each m gives a scale to try, with its neighbours because the product was rounded.
// The smallest m comes first: it gives the smallest integers, whose sums some processors compute
// faster.

#include "models/exec/quantized_grid.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/ops/arguments.h"

namespace offcut::exec {
namespace {

constexpr float kLeastInteger = -128;
constexpr float kLargestInteger = 127;

/// The weights of one filter: `count` runs of `length` elements, `step` apart.
struct FilterView {
  std::span<const float> all;
  std::size_t start, count, length, step;

  template <class F>
  bool all_of(F f) const {
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t k = 0; k < length; ++k) {
        if (!f(start + i * step + k)) {
          return false;
        }
      }
    }
    return true;
  }

  float largest() const {
    float most = 0;
    all_of([&](std::size_t i) {
      most = std::max(most, std::abs(all[i]));
      return true;
    });
    return most;
  }

  bool lies_on_grid(float scale) const {
    return scale > 0 && std::isnormal(scale) && all_of([&](std::size_t i) {
             const float integer = std::nearbyint(all[i] / scale);
             return integer >= kLeastInteger && integer <= kLargestInteger &&
                    integer * scale == all[i];
           });
  }
};

/// Returns the scale of the filter, `known` if that is one.
std::optional<float> grid_scale(const FilterView& filter, float known) {
  const float largest = filter.largest();
  if (largest == 0 || filter.lies_on_grid(known)) {
    return known;
  }
  for (float times = 1; times <= -kLeastInteger; ++times) {
    const float scale = largest / times;
    for (const float candidate : {scale, std::nextafter(scale, 0.0F),
                                  std::nextafter(scale, std::numeric_limits<float>::max())}) {
      if (filter.lies_on_grid(candidate)) {
        return candidate;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<QuantizedGrid> grid_of(const Tensor& weights, std::size_t axis) {
  const Shape& shape = weights.shape();
  const auto filters = static_cast<std::size_t>(shape.at(axis));
  const auto length = static_cast<std::size_t>(ops::extent_between(shape, axis + 1, shape.size()));
  const auto outer = static_cast<std::size_t>(ops::extent_between(shape, 0, axis));
  QuantizedGrid grid{Tensor(TensorType{DataType::int8, shape}), {}};
  const std::span<const float> from = weights.values<float>();
  const std::span<std::int8_t> to = grid.integers.values<std::int8_t>();
  float scale = 1;
  for (std::size_t filter = 0; filter < filters; ++filter) {
    const FilterView view{from, filter * length, outer, length, filters * length};
    const auto found = grid_scale(view, scale);
    if (!found) {
      return std::nullopt;
    }
    scale = *found;
    grid.scales.push_back(scale);
    view.all_of([&](std::size_t i) {
      to[i] = static_cast<std::int8_t>(std::nearbyint(from[i] / scale));
      return true;
    });
  }
  return grid;
}

}  // namespace offcut::exec
