#pragma once

#include "models/ops/operator.h"

namespace offcut::ops {

/// Where an output position lies in the input.
enum class Coordinates {
  asymmetric,
  half_pixel,
  pytorch_half_pixel,
  align_corners,
  tf_crop_and_resize
};
/// What a position between elements gets: the nearest of them, or a blend of two or of four.
enum class Interpolation { nearest, linear, cubic };
/// Which neighbour a position between two takes.
enum class Nearest { round_prefer_floor, round_prefer_ceil, floor, ceil };

struct ResizeAxis {
  std::int64_t in, out;
  float scale;           // out / in, or what was asked for and rounded to `out`
  float crop_begin = 0;  // the region that tf_crop_and_resize looks at, as shares of the axis
  float crop_end = 1;
};

/// How an image is sampled anew, axis by axis.
struct Resizing {
  Interpolation interpolation = Interpolation::nearest;
  Coordinates coordinates = Coordinates::asymmetric;
  Nearest nearest = Nearest::floor;
  float cubic_a = -0.75F;
  bool exclude_outside = false;  // cubic: neighbours outside the image have no weight
  float extrapolation = 0;       // tf_crop_and_resize: what lies outside the image
  std::vector<ResizeAxis> axes;
};

/// Axes by scales: out = floor(in * scale). Throws std::invalid_argument where they do not fit.
std::vector<ResizeAxis> axes_of_scales(const Shape& x, std::span<const float> scales);

/// Axes by sizes. Throws std::invalid_argument where they do not fit.
std::vector<ResizeAxis> axes_of_sizes(const Shape& x, const std::vector<std::int64_t>& sizes);

/// A constant input of float32 numbers.
std::span<const float> known_floats(const Call& call, std::size_t input);

/// Attribute `mode`; "bilinear" is linear. Throws std::invalid_argument for another word.
Interpolation interpolation_of(const Call& call);

LayerKind resize_kind(const Call& call);
std::vector<TensorType> resized_type(const Resizing& resizing);
Tensor resized(const Tensor& input, const Resizing& resizing);

}  // namespace offcut::ops
