#pragma once

#include "models/ops/operator.h"

namespace offcut {

/// Where an output position lies in the input.
enum class Coordinates { asymmetric, half_pixel, pytorch_half_pixel, align_corners };
/// Which neighbour a position between two takes.
enum class Nearest { round_prefer_floor, round_prefer_ceil, floor, ceil };

struct ResizeAxis {
  std::int64_t in, out;
  float scale;  // out / in, or what was asked for and rounded to `out`
};

/// How an image is sampled anew, axis by axis.
struct Resizing {
  bool linear = false;
  Coordinates coordinates = Coordinates::asymmetric;
  Nearest nearest = Nearest::floor;
  std::vector<ResizeAxis> axes;
};

/// Axes by scales: out = floor(in * scale). Throws std::invalid_argument where they do not fit.
std::vector<ResizeAxis> axes_of_scales(const Shape& x, std::span<const float> scales);

/// Axes by sizes. Throws std::invalid_argument where they do not fit.
std::vector<ResizeAxis> axes_of_sizes(const Shape& x, const std::vector<std::int64_t>& sizes);

/// A constant input of float32 numbers.
std::span<const float> known_floats(const Call& call, std::size_t input);

/// Attribute `mode` says "linear" or "bilinear" and not "nearest".
bool is_linear(const Call& call);

LayerKind resize_kind(const Call& call);
std::vector<TensorType> resized_type(const Resizing& resizing);
Tensor resized(const Tensor& input, const Resizing& resizing);

}  // namespace offcut
