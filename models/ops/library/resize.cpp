// Resize: the image resampled along each axis, by constant scales or sizes: the nearest element, a
// linear blend of the two nearest or a cubic one of the four nearest; tf_crop_and_resize takes the
// region that the constant input 1 gives. Opset 10 only has scales and no coordinate modes:
// position p lies at p / scale, and the nearest element is the one before it, or the one after it
// if the image shrinks, as in ONNX Runtime.

#include "models/ops/resize.h"

#include <fmt/format.h>

#include <array>
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

constexpr std::array<std::pair<std::string_view, Coordinates>, 5> kCoordinates = {
    {{"asymmetric", Coordinates::asymmetric},
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

std::vector<ResizeAxis> axes(const Call& call) {
  const Shape& x = float_shape(call, 0);
  const std::size_t scales = call.opset < 11 ? 1 : 2;
  const std::size_t sizes = 3;
  if (is_empty(call, scales) == (call.opset < 11 || is_empty(call, sizes))) {
    throw std::invalid_argument(call.opset < 11 ? "scales are missing"
                                                : "one of scales and sizes must be given");
  }
  return is_empty(call, scales) ? axes_of_sizes(x, call.known_integers(sizes))
                                : axes_of_scales(x, known_floats(call, scales));
}

/// Input 1 gives the start of each axis' region, then the ends.
void read_region(const Call& call, Resizing& resizing) {
  const std::size_t rank = resizing.axes.size();
  const std::span<const float> region = known_floats(call, 1);
  if (region.size() != 2 * rank) {
    throw std::invalid_argument(
        fmt::format("the region is {}, expected {} numbers", to_text(call.shape(1)), 2 * rank));
  }
  for (std::size_t i = 0; i < rank; ++i) {
    resizing.axes[i].crop_begin = region[i];
    resizing.axes[i].crop_end = region[rank + i];
    if (resizing.axes[i].in == 0 && resizing.axes[i].out != 0) {
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
