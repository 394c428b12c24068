#pragma once

#include "models/ops/operator.h"

namespace offcut::ops {

/// The rule that maps an output position to the input.
enum class Coordinates {
  asymmetric,
  half_pixel,
  half_pixel_symmetric,  // Keeps the centre if the scale rounds the extent.
  tf_half_pixel_for_nn,  // Of opsets 11 and 12.
  pytorch_half_pixel,
  align_corners,
  tf_crop_and_resize
};
/// The value of a position between elements: that of the nearest, or a blend of two or of four.
enum class Interpolation { nearest, linear, cubic };
/// The neighbour that a position between two takes.
enum class Nearest { round_prefer_floor, round_prefer_ceil, floor, ceil };

struct ResizeAxis {
  std::int64_t in, out;
  float scale;           // Equals out / in, or the requested scale, which was rounded to `out`.
  float crop_begin = 0;  // The region of tf_crop_and_resize, in fractions of the axis.
  float crop_end = 1;
};

/// The way in which an image is resampled, axis by axis.
struct Resizing {
  Interpolation interpolation = Interpolation::nearest;
  Coordinates coordinates = Coordinates::asymmetric;
  Nearest nearest = Nearest::floor;
  float cubic_a = -0.75F;
  bool exclude_outside = false;  // For blends of several: those outside have no weight.
  bool antialias = false;        // A shrinking blend covers all elements, not only its neighbours.
  float extrapolation = 0;       // For tf_crop_and_resize: the value outside the image.
  std::vector<ResizeAxis> axes;
};

/// Makes axes from scales: out = floor(in * scale). Throws std::invalid_argument if they do not
/// fit.
std::vector<ResizeAxis> axes_of_scales(const Shape& x, std::span<const float> scales);

/// Makes axes from sizes. Throws std::invalid_argument if they do not fit.
std::vector<ResizeAxis> axes_of_sizes(const Shape& x, const std::vector<std::int64_t>& sizes);

/// Returns a constant input of float32 numbers.
std::span<const float> known_floats(const Call& call, std::size_t input);

/// Returns the attribute `mode`; "bilinear" is linear. Throws std::invalid_argument for another
/// word.
Interpolation interpolation_of(const Call& call);

LayerKind resize_kind(const Call& call);
std::vector<TensorType> resized_type(const Resizing& resizing);
Tensor resized(const Tensor& input, const Resizing& resizing);

}  // namespace offcut::ops
