#pragma once

#include <cmath>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/element_types.h"

namespace offcut::ops {

// Quantised tensors: a real number is (element - zero point) * scale. Scales are float32, elements
// uint8 or int8 (and int32, which only DequantizeLinear reads).

/// The number of scales or zero points of a tensor, and the index of an element's: one for all, one
/// per place along an axis, or one per block of places along it (and per place of other axes).
struct Granularity {
  std::int64_t count = 1;
  std::int64_t inner = 1;   // Elements between neighbours along the axis.
  std::int64_t block = 0;   // Places that share a scale, or 0 without blocks.
  std::int64_t extent = 0;  // The axis' number of places; only for blocks.

  std::size_t operator()(std::size_t element) const {
    if (count == 1) {
      return 0;
    }
    const auto index = static_cast<std::int64_t>(element);
    if (block == 0) {
      return static_cast<std::size_t>(index / inner % count);
    }
    const std::int64_t blocks = (extent + block - 1) / block;
    const std::int64_t place = index / inner % extent;
    return static_cast<std::size_t>((index / (inner * extent) * blocks + place / block) * inner +
                                    index % inner);
  }
};

/// Returns the granularity of input `parameter`, a scalar or a list with an entry per place along
/// `axis`, for a tensor of shape x. Throws std::invalid_argument if it does not fit.
Granularity granularity_of(const Call& call, std::size_t parameter, const Shape& x,
                           std::size_t axis);

/// Returns the granularity of input 1, the scales of QuantizeLinear and DequantizeLinear: one for
/// all, from opset 13 on one per place along `axis`, or from 21 on one per block of `block_size`
/// places along it.
Granularity scales_of(const Call& call);

/// REQUIRES: input `scale` is one float32 number.
void require_one_scale(const Call& call, std::size_t scale);

/// REQUIRES: the zero points, if given, have the type of input x and are as many as `scales`.
void require_zero_points(const Call& call, std::size_t zero_point, std::size_t x,
                         Granularity scales);

/// REQUIRES: the input is uint8 or int8.
void require_bytes(const Call& call, std::size_t input);

/// Calls f(T()) with the type of quantised elements.
template <class F>
auto with_quantized_type(DataType type, F f) {
  switch (type) {
    case DataType::int8:
      return f(std::int8_t());
    case DataType::int32:
      return f(std::int32_t());
    default:
      return f(std::uint8_t());
  }
}

/// Quantises a real number that is already divided by the scale: rounds it to the nearest integer,
/// halves to even, adds the zero point, and clamps to the type's limits.
template <class Q>
Q quantized(float scaled, Q zero_point) {
  return converted<Q>(std::nearbyint(scaled) + static_cast<float>(zero_point));
}

/// Returns the elements minus their zero points (0 if the tensor is absent). Unsigned, so that sums
/// of products wrap around as int32 does on every machine.
std::vector<std::uint32_t> above_zero_point(const Tensor& x, const Tensor& zero_point,
                                            Granularity zero_points);

/// Quantises sums of products of elements above their zero points, each times its factor.
/// `zero_point` is one number, whose type the elements get.
Tensor requantized(const std::vector<std::uint32_t>& sums, Shape shape,
                   const std::vector<float>& factors, Granularity granularity,
                   const Tensor& zero_point);

/// Returns scale of a * scale of b / scale of y, for each scale of b.
std::vector<float> factors_of(const Tensor& a, const Tensor& b, const Tensor& y);

}  // namespace offcut::ops
