// Resamples tensors one axis after the other. For each output position along an axis, the
// neighbours in the input and their weights are computed once and applied to all lines.

#include "models/ops/resize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

void require_one_per_axis(const Shape& x, std::size_t count) {
  if (count != x.size()) {
    throw std::invalid_argument(
        fmt::format("{} scales or sizes are given for input {}", count, to_text(x)));
  }
}

/// Computes in float32, as ONNX Runtime does, because the nearest neighbour depends on it. The
/// length of the resized axis is its number of elements, as in ONNX's text, ONNX Runtime and
/// PyTorch; the generator of ONNX's node cases uses in * scale before rounding instead.
float resize_source(const ResizeAxis& axis, Coordinates coordinates, std::int64_t position) {
  const auto p = static_cast<float>(position);
  const auto last = static_cast<float>(axis.in - 1);
  switch (coordinates) {
    case Coordinates::asymmetric:
      return p / axis.scale;
    case Coordinates::align_corners:
      return axis.out == 1 ? 0 : p * last / static_cast<float>(axis.out - 1);
    case Coordinates::tf_crop_and_resize:
      return axis.out == 1 ? 0.5F * (axis.crop_begin + axis.crop_end) * last
                           : axis.crop_begin * last + p * (axis.crop_end - axis.crop_begin) * last /
                                                          static_cast<float>(axis.out - 1);
    case Coordinates::tf_half_pixel_for_nn:
      return (p + 0.5F) / axis.scale;
    case Coordinates::half_pixel_symmetric: {
      const float whole = axis.scale * static_cast<float>(axis.in);
      const float share = static_cast<float>(axis.out) / whole;
      const float start = static_cast<float>(axis.in) / 2 * (1 - share);
      return start + (p + 0.5F) / axis.scale - 0.5F;
    }
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

/// An output position is the sum of weight[i] * input at position[i], and ignores the input if
/// there are none.
struct Sample {
  std::vector<std::int64_t> position;
  std::vector<float> weight;

  void add(std::int64_t place, float share) {
    position.push_back(place);
    weight.push_back(share);
  }
};

/// Returns the weight of a neighbour at a distance below 2 (Keys, "Cubic convolution interpolation
/// for digital image processing", 1981).
float resize_cubic_weight(float distance, float a) {
  const float d = std::abs(distance);
  if (d >= 2) {
    return 0;
  }
  return d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
}

Sample cubic_sample(const ResizeAxis& axis, const Resizing& resizing, float x) {
  Sample sample;
  const float base = std::floor(x);
  float sum = 0;
  for (int i = -1; i <= 2; ++i) {
    const float place = base + static_cast<float>(i);
    const float last = static_cast<float>(axis.in - 1);
    const bool outside = place < 0 || place > last;
    const float weight =
        outside && resizing.exclude_outside ? 0 : resize_cubic_weight(x - place, resizing.cubic_a);
    sample.add(static_cast<std::int64_t>(std::clamp(place, 0.0F, last)), weight);
    sum += weight;
  }
  for (float& weight : sample.weight) {
    weight = resizing.exclude_outside ? weight / sum : weight;
  }
  return sample;
}

/// Returns a blend that shrinks the image without aliasing: the kernel of `radius` elements is
/// widened by 1 / scale, and its weights add up to 1. Elements outside the image count as the
/// outermost one, or not at all.
template <class Weight>
Sample wide_sample(const ResizeAxis& axis, const Resizing& resizing, float x, int radius,
                   Weight weight_at) {
  const float scale = std::min(axis.scale, 1.0F);
  const float left = std::ceil(x) - 1;  // The element before x, which is never x itself.
  const auto reach = static_cast<std::int64_t>(std::floor(-static_cast<float>(radius) / scale)) + 1;
  Sample sample;
  float sum = 0;
  for (std::int64_t i = reach; i <= 1 - reach; ++i) {
    const float place = left + static_cast<float>(i);
    const bool outside = place < 0 || place > static_cast<float>(axis.in - 1);
    const float weight = outside && resizing.exclude_outside ? 0 : weight_at((place - x) * scale);
    sample.add(static_cast<std::int64_t>(std::clamp(place, 0.0F, static_cast<float>(axis.in - 1))),
               weight);
    sum += weight;
  }
  for (float& weight : sample.weight) {
    weight /= sum;
  }
  return sample;
}

Sample antialiased_sample(const ResizeAxis& axis, const Resizing& resizing, float x) {
  if (resizing.interpolation == Interpolation::cubic) {
    return wide_sample(axis, resizing, x, 2, [&](float distance) {
      return resize_cubic_weight(distance, resizing.cubic_a);
    });
  }
  return wide_sample(axis, resizing, x, 1,
                     [](float distance) { return std::max(0.0F, 1 - std::abs(distance)); });
}

Sample sample_at(const ResizeAxis& axis, const Resizing& resizing, std::int64_t position) {
  const auto last = static_cast<float>(axis.in - 1);
  const float x = resize_source(axis, resizing.coordinates, position);
  Sample sample;
  if (resizing.coordinates == Coordinates::tf_crop_and_resize && !(x >= 0 && x <= last)) {
    return sample;
  }
  if (resizing.antialias && resizing.interpolation != Interpolation::nearest) {
    return antialiased_sample(axis, resizing, x);
  }
  switch (resizing.interpolation) {
    case Interpolation::nearest:
      sample.add(static_cast<std::int64_t>(std::clamp(rounded(x, resizing.nearest), 0.0F, last)),
                 1);
      break;
    case Interpolation::linear: {
      const float inside = std::clamp(x, 0.0F, last);
      const auto first = static_cast<std::int64_t>(inside);
      const float share = inside - std::floor(inside);
      sample.add(first, 1 - share);
      if (share != 0) {
        sample.add(std::min(first + 1, axis.in - 1), share);
      }
      break;
    }
    case Interpolation::cubic:
      sample = cubic_sample(axis, resizing, x);
  }
  return sample;
}

/// Resamples the tensor along one axis.
Tensor resized_along(const Tensor& input, std::size_t i, const Resizing& resizing) {
  const ResizeAxis& axis = resizing.axes[i];
  TensorType type = input.type();
  type.shape[i] = axis.out;
  const std::int64_t outer = extent_between(type.shape, 0, i);
  const std::int64_t inner = extent_between(type.shape, i + 1, type.shape.size());
  std::vector<Sample> samples;
  for (std::int64_t p = 0; p < axis.out; ++p) {
    samples.push_back(sample_at(axis, resizing, p));
  }
  Tensor output(std::move(type));
  const float* from = input.values<float>().data();
  float* to = output.values<float>().data();
  for (std::int64_t o = 0; o < outer; ++o, from += axis.in * inner) {
    for (const Sample& sample : samples) {
      if (sample.position.size() == 1) {
        to = std::copy_n(from + sample.position.front() * inner, inner, to);
        continue;
      }
      std::fill_n(to, inner, sample.position.empty() ? resizing.extrapolation : 0);
      for (std::size_t n = 0; n < sample.position.size(); ++n) {
        const float* const neighbour = from + sample.position[n] * inner;
        const float weight = sample.weight[n];
        for (std::int64_t k = 0; k < inner; ++k) {
          to[k] += weight * neighbour[k];
        }
      }
      to += inner;
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
  return call.known_value(input).values<float>();
}

Interpolation interpolation_of(const Call& call) {
  const std::string mode = call.attributes.text("mode", "nearest");
  if (mode == "linear" || mode == "bilinear") {
    return Interpolation::linear;
  }
  if (mode == "cubic") {
    return Interpolation::cubic;
  }
  if (mode != "nearest") {
    throw std::invalid_argument(fmt::format("mode '{}' is not supported", mode));
  }
  return Interpolation::nearest;
}

LayerKind resize_kind(const Call& call) {
  return interpolation_of(call) == Interpolation::nearest ? LayerKind::data_movement
                                                          : LayerKind::elementwise;
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
    const bool crops = resizing.coordinates == Coordinates::tf_crop_and_resize &&
                       (axis.crop_begin != 0 || axis.crop_end != 1);
    if (axis.in != axis.out || axis.scale != 1 || crops) {
      result = resized_along(result, i, resizing);
    }
  }
  return result;
}

}  // namespace offcut::ops
