// Resize: the image resampled along each axis, by constant scales or sizes: the nearest element, a
// linear blend of the two nearest or a cubic one of the four nearest; tf_crop_and_resize takes the
// region that the constant input 1 gives. From opset 18 on, the scales, sizes and the region may be
// those of some axes, sizes may keep the aspect ratio, and blends may be antialiased. Opset 10 only
// has scales and no coordinate modes: position p lies at p / scale, and the nearest element is the
// one before it, or the one after it if the image shrinks, as in ONNX Runtime.

#include "models/ops/resize.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

template <class T, std::size_t N>
T named(const Call& call, std::string_view attribute, std::string_view fallback,
        const std::array<std::pair<std::string_view, T>, N>& values) {
  const std::string name = call.attributes.text(attribute, fallback);
  for (const auto& [known, value] : values) {
    if (known == name) {
      return value;
    }
  }
  throw std::invalid_argument(fmt::format("{} '{}' is not supported", attribute, name));
}

constexpr std::array<std::pair<std::string_view, Coordinates>, 7> kCoordinates = {
    {{"asymmetric", Coordinates::asymmetric},
     {"half_pixel_symmetric", Coordinates::half_pixel_symmetric},
     {"tf_half_pixel_for_nn", Coordinates::tf_half_pixel_for_nn},
     {"half_pixel", Coordinates::half_pixel},
     {"pytorch_half_pixel", Coordinates::pytorch_half_pixel},
     {"align_corners", Coordinates::align_corners},
     {"tf_crop_and_resize", Coordinates::tf_crop_and_resize}}};

constexpr std::array<std::pair<std::string_view, Nearest>, 4> kNearest = {
    {{"round_prefer_floor", Nearest::round_prefer_floor},
     {"round_prefer_ceil", Nearest::round_prefer_ceil},
     {"floor", Nearest::floor},
     {"ceil", Nearest::ceil}}};

bool is_empty(const Call& call, std::size_t input) {
  return !call.has(input) || elements(call.shape(input)) == 0;
}

/// Returns the axes that are resized, in the order in which scales, sizes and the region name them.
std::vector<std::size_t> resized_axes(const Call& call) {
  const std::size_t rank = call.shape(0).size();
  std::vector<std::int64_t> all(rank);
  std::iota(all.begin(), all.end(), 0);
  const auto named = call.attributes.integers("axes", all);
  axes_in(named, rank);  // Throws for an axis that is out of range, or named twice.
  std::vector<std::size_t> result;
  for (const std::int64_t axis : named) {
    result.push_back(axis_in(axis, rank));
  }
  return result;
}

void require_as_many(std::size_t given, std::size_t expected) {
  if (given != expected) {
    throw std::invalid_argument(
        fmt::format("{} scales or sizes are given for {} axes", given, expected));
  }
}

/// Returns a scale for each axis of the input: 1 for those that are not resized.
std::vector<float> for_all_axes(const Call& call, std::span<const float> scales) {
  const std::vector<std::size_t> axes = resized_axes(call);
  require_as_many(scales.size(), axes.size());
  std::vector<float> all(call.shape(0).size(), 1);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    all[axes[i]] = scales[i];
  }
  return all;
}

/// Returns the axes for sizes, of which a policy takes only one scale for all: the smallest, so
/// that nothing is larger than its size, or the largest.
std::vector<ResizeAxis> sized_axes(const Call& call, const Shape& x,
                                   const std::vector<std::int64_t>& sizes) {
  const std::vector<std::size_t> axes = resized_axes(call);
  require_as_many(sizes.size(), axes.size());
  const std::string policy = call.attributes.text("keep_aspect_ratio_policy", "stretch");
  Shape all = x;
  std::optional<float> scale;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const float one = static_cast<float>(sizes[i]) / static_cast<float>(x[axes[i]]);
    all[axes[i]] = sizes[i];
    scale = !scale ? one : policy == "not_larger" ? std::min(*scale, one) : std::max(*scale, one);
  }
  if (policy == "stretch" || !scale) {
    return axes_of_sizes(x, all);
  }
  if (policy != "not_larger" && policy != "not_smaller") {
    throw std::invalid_argument(
        fmt::format("keep_aspect_ratio_policy '{}' is not supported", policy));
  }
  for (const std::size_t axis : axes) {
    all[axis] = std::lround(*scale * static_cast<float>(x[axis]));
  }
  std::vector<ResizeAxis> result = axes_of_sizes(x, all);
  for (const std::size_t axis : axes) {
    result[axis].scale = *scale;
  }
  return result;
}

std::vector<ResizeAxis> axes(const Call& call) {
  const Shape& x = float_shape(call, 0);
  const std::size_t scales = call.opset < 11 ? 1 : 2;
  const std::size_t sizes = 3;
  if (is_empty(call, scales) == (call.opset < 11 || is_empty(call, sizes))) {
    throw std::invalid_argument(call.opset < 11 ? "scales are missing"
                                                : "one of scales and sizes must be given");
  }
  return is_empty(call, scales) ? sized_axes(call, x, call.known_integers(sizes))
                                : axes_of_scales(x, for_all_axes(call, known_floats(call, scales)));
}

/// Input 1 gives the start of each axis' region, then the ends.
void read_region(const Call& call, Resizing& resizing) {
  const std::vector<std::size_t> named = resized_axes(call);
  const std::span<const float> region = known_floats(call, 1);
  if (region.size() != 2 * named.size()) {
    throw std::invalid_argument(fmt::format("the region is {}, expected {} numbers",
                                            to_text(call.shape(1)), 2 * named.size()));
  }
  for (std::size_t i = 0; i < named.size(); ++i) {
    ResizeAxis& axis = resizing.axes[named[i]];
    axis.crop_begin = region[i];
    axis.crop_end = region[named.size() + i];
    if (axis.in == 0 && axis.out != 0) {
      throw std::invalid_argument("an empty axis cannot be resized");
    }
  }
}

Resizing resize_settings(const Call& call) {
  require_inputs(call, call.opset < 11 ? 2 : 1, call.opset < 11 ? 2 : 4);
  Resizing result{.interpolation = interpolation_of(call)};
  result.axes = axes(call);
  if (call.opset < 11) {
    for (const ResizeAxis& axis : result.axes) {
      result.nearest = axis.scale < 1 ? Nearest::ceil : result.nearest;
    }
    return result;
  }
  result.coordinates = named(call, "coordinate_transformation_mode", "half_pixel", kCoordinates);
  result.nearest = named(call, "nearest_mode", "round_prefer_floor", kNearest);
  result.cubic_a = call.attributes.number("cubic_coeff_a", result.cubic_a);
  result.antialias = call.attributes.integer("antialias", 0) != 0;
  result.exclude_outside = call.attributes.integer("exclude_outside", 0) != 0;
  result.extrapolation = call.attributes.number("extrapolation_value", 0);
  if (result.coordinates == Coordinates::tf_crop_and_resize) {
    read_region(call, result);
  }
  return result;
}

std::vector<TensorType> infer_resize(const Call& call) {
  return resized_type(resize_settings(call));
}

std::vector<Tensor> forward_resize(const Call& call, std::span<const Tensor> inputs) {
  return {resized(inputs[0], resize_settings(call))};
}

}  // namespace

void register_resize(Registry<Operator>& registry) {
  registry.add({.name = "Resize",
                .doc = "a resampled image: the nearest element or a blend",
                .kind = resize_kind,
                .infer = infer_resize,
                .macs = no_macs,
                .forward = forward_resize});
}

}  // namespace offcut::ops
