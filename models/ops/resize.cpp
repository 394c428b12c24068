#include "models/ops/resize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut {
namespace {

void require_one_per_axis(const Shape& x, std::size_t count) {
  if (count != x.size()) {
    throw std::invalid_argument(
        fmt::format("{} scales or sizes are given for input {}", count, to_text(x)));
  }
}

/// In float32, as ONNX Runtime computes it: which neighbour is nearest depends on it.
float source(const ResizeAxis& axis, Coordinates coordinates, std::int64_t position) {
  const auto p = static_cast<float>(position);
  switch (coordinates) {
    case Coordinates::asymmetric:
      return p / axis.scale;
    case Coordinates::align_corners:
      return axis.out == 1 ? 0
                           : p * static_cast<float>(axis.in - 1) / static_cast<float>(axis.out - 1);
    case Coordinates::pytorch_half_pixel:
      if (axis.out == 1) {
        return 0;
      }
      break;
    case Coordinates::half_pixel:
      break;
  }
  return (p + 0.5F) / axis.scale - 0.5F;
}

float rounded(float x, Nearest nearest) {
  switch (nearest) {
    case Nearest::floor:
      return std::floor(x);
    case Nearest::ceil:
      return std::ceil(x);
    case Nearest::round_prefer_floor:
      return std::ceil(x - 0.5F);
    case Nearest::round_prefer_ceil:
      break;
  }
  return std::floor(x + 0.5F);
}

/// An output position is (1 - share) * input at `first` + share * input at `second`.
struct Blend {
  std::int64_t first, second;
  float share;
};

Blend blend(const ResizeAxis& axis, const Resizing& resizing, std::int64_t position) {
  const auto last = static_cast<float>(axis.in - 1);
  const float x = source(axis, resizing.coordinates, position);
  if (!resizing.linear) {
    const auto at = static_cast<std::int64_t>(std::clamp(rounded(x, resizing.nearest), 0.0F, last));
    return {at, at, 0};
  }
  const float inside = std::clamp(x, 0.0F, last);
  const auto first = static_cast<std::int64_t>(inside);
  return {first, std::min(first + 1, axis.in - 1), inside - std::floor(inside)};
}

/// The tensor sampled anew along one axis.
Tensor resized_along(const Tensor& input, std::size_t i, const Resizing& resizing) {
  const ResizeAxis& axis = resizing.axes[i];
  TensorType type = input.type();
  type.shape[i] = axis.out;
  const std::int64_t outer = extent_between(type.shape, 0, i);
  const std::int64_t inner = extent_between(type.shape, i + 1, type.shape.size());
  std::vector<Blend> blends;
  for (std::int64_t p = 0; p < axis.out; ++p) {
    blends.push_back(blend(axis, resizing, p));
  }
  Tensor output(std::move(type));
  const float* from = input.values<float>().data();
  float* to = output.values<float>().data();
  for (std::int64_t o = 0; o < outer; ++o, from += axis.in * inner) {
    for (const Blend& b : blends) {
      const float* const first = from + b.first * inner;
      const float* const second = from + b.second * inner;
      for (std::int64_t k = 0; k < inner; ++k) {
        *to++ = b.share == 0 ? first[k] : (1 - b.share) * first[k] + b.share * second[k];
      }
    }
  }
  return output;
}

}  // namespace

std::vector<ResizeAxis> axes_of_scales(const Shape& x, std::span<const float> scales) {
  require_one_per_axis(x, scales.size());
  std::vector<ResizeAxis> axes;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float out = std::floor(static_cast<float>(x[i]) * scales[i]);
    if (!(scales[i] > 0 && out < 0x1p40F)) {
      throw std::invalid_argument(fmt::format("an extent of {} is scaled by {}", x[i], scales[i]));
    }
    axes.push_back({x[i], static_cast<std::int64_t>(out), scales[i]});
  }
  return axes;
}

std::vector<ResizeAxis> axes_of_sizes(const Shape& x, const std::vector<std::int64_t>& sizes) {
  require_one_per_axis(x, sizes.size());
  std::vector<ResizeAxis> axes;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (x[i] == 0 && sizes[i] != 0) {
      throw std::invalid_argument("an empty axis cannot be resized");
    }
    axes.push_back({x[i], sizes[i], static_cast<float>(sizes[i]) / static_cast<float>(x[i])});
  }
  return axes;
}

std::span<const float> known_floats(const Call& call, std::size_t input) {
  float_shape(call, input);
  if (call.known[input] == nullptr) {
    throw std::invalid_argument(
        fmt::format("input {} must be a constant: shapes depend on it", input));
  }
  return call.known[input]->value().values<float>();
}

bool is_linear(const Call& call) {
  const std::string mode = call.attributes.text("mode", "nearest");
  if (mode != "nearest" && mode != "linear" && mode != "bilinear") {
    throw std::invalid_argument(fmt::format("mode '{}' is not supported", mode));
  }
  return mode != "nearest";
}

LayerKind resize_kind(const Call& call) {
  return is_linear(call) ? LayerKind::elementwise : LayerKind::data_movement;
}

std::vector<TensorType> resized_type(const Resizing& resizing) {
  Shape shape;
  for (const ResizeAxis& axis : resizing.axes) {
    shape.push_back(axis.out);
  }
  return {output_type(DataType::float32, std::move(shape))};
}

Tensor resized(const Tensor& input, const Resizing& resizing) {
  Tensor result = input;
  for (std::size_t i = 0; i < resizing.axes.size(); ++i) {
    const ResizeAxis& axis = resizing.axes[i];
    if (axis.in != axis.out || axis.scale != 1) {
      result = resized_along(result, i, resizing);
    }
  }
  return result;
}

}  // namespace offcut
