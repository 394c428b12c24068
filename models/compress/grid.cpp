// Even steps, of a tensor or of each of its channels. Scales are floats, as ONNX writes them, and
// all else is in double precision.

#include "models/compress/grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace offcut::compress {
namespace {

/// Calls visit(element, channel) for every element; channel is 0 without an axis.
template <class Visit>
void for_each_element(const Shape& shape, std::size_t channels, std::size_t axis, Visit visit) {
  const auto count = static_cast<std::size_t>(elements(shape));
  std::size_t run = 1;
  for (std::size_t i = axis + 1; channels > 1 && i < shape.size(); ++i) {
    run *= static_cast<std::size_t>(shape[i]);
  }
  for (std::size_t i = 0; i < count; ++i) {
    visit(i, channels == 1 ? 0 : i / run % channels);
  }
}

template <class Visit>
void for_each_element(const Grid& grid, const Shape& shape, Visit visit) {
  if (grid.is_per_channel() && (grid.axis >= shape.size() ||
                                static_cast<std::size_t>(shape[grid.axis]) != grid.scales.size())) {
    throw std::invalid_argument(
        fmt::format("a grid of {} channels does not fit {}", grid.scales.size(), to_text(shape)));
  }
  for_each_element(shape, grid.scales.size(), grid.axis, visit);
}

float restored(std::int32_t integer, int zero_point, float scale) {
  return static_cast<float>(integer - zero_point) * scale;
}

std::int32_t nearest_integer(const Grid& grid, std::size_t channel, float value) {
  const double level = std::round(double{value} / grid.scales[channel]) + grid.zero_points[channel];
  return static_cast<std::int32_t>(std::clamp(level, double(grid.lowest), double(grid.highest)));
}

struct Range {
  double low = 0;  // Zero is part of every range.
  double high = 0;
};

/// Sets the grid's numbers for one channel, whose range is shrunk to a share of it.
void fit(const Range& range, double share, bool symmetric, Grid& grid, std::size_t channel) {
  const double levels = grid.highest - grid.lowest;
  const double low = range.low * share;
  const double high = range.high * share;
  const double width = symmetric ? 2 * std::max(-low, high) : high - low;
  float scale = static_cast<float>(width / levels);
  if (!(scale >= std::numeric_limits<float>::min())) {
    scale = 1;  // All elements are 0, or so small that they become 0.
  }
  grid.scales[channel] = scale;
  grid.zero_points[channel] =
      symmetric ? 0 : static_cast<int>(std::clamp(std::round(-low / scale), 0.0, levels));
}

/// Returns the squared error of each channel.
std::vector<double> errors_of(const Grid& grid, const Tensor& values) {
  std::vector<double> errors(grid.scales.size(), 0);
  const auto all = values.values<float>();
  for_each_element(grid, values.shape(), [&](std::size_t i, std::size_t channel) {
    const double error = double{all[i]} - restored(nearest_integer(grid, channel, all[i]),
                                                   grid.zero_points[channel], grid.scales[channel]);
    errors[channel] += error * error;
  });
  return errors;
}

}  // namespace

Tensor integers_on(const Grid& grid, const Tensor& values) {
  Tensor integers(TensorType{DataType::int32, values.shape()});
  const auto from = values.values<float>();
  const auto to = integers.values<std::int32_t>();
  for_each_element(grid, values.shape(), [&](std::size_t i, std::size_t channel) {
    to[i] = nearest_integer(grid, channel, from[i]);
  });
  return integers;
}

Tensor values_of(const Grid& grid, const Tensor& integers) {
  Tensor values(TensorType{DataType::float32, integers.shape()});
  const auto from = integers.values<std::int32_t>();
  const auto to = values.values<float>();
  for_each_element(grid, integers.shape(), [&](std::size_t i, std::size_t channel) {
    to[i] = restored(from[i], grid.zero_points[channel], grid.scales[channel]);
  });
  return values;
}

Tensor rounded_to(const Grid& grid, const Tensor& values) {
  return values_of(grid, integers_on(grid, values));
}

Grid grid_for(const Tensor& values, const GridChoice& choice) {
  const int half = (1 << (choice.bits - 1)) - 1;
  Grid grid{.lowest = choice.symmetric ? -half : 0,
            .highest = choice.symmetric ? half : (1 << choice.bits) - 1,
            .axis = choice.channel_axis.empty() ? 0 : choice.channel_axis.front(),
            .scales = {},
            .zero_points = {}};
  const std::size_t channels =
      choice.channel_axis.empty()
          ? 1
          : static_cast<std::size_t>(values.shape().at(choice.channel_axis.front()));
  grid.scales.assign(channels, 1);
  grid.zero_points.assign(channels, 0);
  std::vector<Range> ranges(channels);
  for_each_element(grid, values.shape(), [&](std::size_t i, std::size_t channel) {
    const double value = values.values<float>()[i];
    ranges[channel].low = std::min(ranges[channel].low, value);
    ranges[channel].high = std::max(ranges[channel].high, value);
  });
  // A share of the range that clips a few elements and rounds the others more finely.
  constexpr int kShares = 50;
  Grid best = grid;
  std::vector<double> least(channels, std::numeric_limits<double>::infinity());
  for (int share = choice.least_squares ? kShares / 10 : kShares; share <= kShares; ++share) {
    for (std::size_t channel = 0; channel < channels; ++channel) {
      fit(ranges[channel], static_cast<double>(share) / kShares, choice.symmetric, grid, channel);
    }
    const std::vector<double> errors = errors_of(grid, values);
    for (std::size_t channel = 0; channel < channels; ++channel) {
      if (errors[channel] < least[channel]) {
        least[channel] = errors[channel];
        best.scales[channel] = grid.scales[channel];
        best.zero_points[channel] = grid.zero_points[channel];
      }
    }
  }
  return best;
}

}  // namespace offcut::compress
