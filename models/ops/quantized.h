#pragma once

#include <cmath>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/element_types.h"

namespace offcut::ops {

// Quantised tensors: a real number is (element - zero point) * scale. Scales are float32, elements
// uint8 or int8 (and int32, which only DequantizeLinear reads).

/// How many scales or zero points a tensor has, and which one an element goes by: one for all, or
/// one per place along an axis.
struct Granularity {
  std::int64_t count = 1;
  std::int64_t inner = 1;  // elements between neighbours along the axis

  std::size_t operator()(std::size_t element) const {
    return count == 1 ? 0
                      : element / static_cast<std::size_t>(inner) % static_cast<std::size_t>(count);
  }
};

/// What input `parameter`, a scalar or a list with an entry per place along `axis`, is to a tensor
/// of that shape. Throws std::invalid_argument where it does not fit.
Granularity granularity_of(const Call& call, std::size_t parameter, const Shape& x,
                           std::size_t axis);

/// What input 1, the scales of QuantizeLinear and DequantizeLinear, is to input 0: one for all, or
/// from opset 13 on one per place along `axis`.
Granularity scales_of(const Call& call);

/// REQUIRES: input `scale` is one float32 number.
void require_one_scale(const Call& call, std::size_t scale);

/// REQUIRES: the zero points, where given, have the type of input x and are as many as `scales`.
void require_zero_points(const Call& call, std::size_t zero_point, std::size_t x,
                         Granularity scales);

/// REQUIRES: the input is uint8 or int8.
void require_bytes(const Call& call, std::size_t input);

/// f(T()) with the type of quantised elements.
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

/// The element for a real number that is already divided by the scale: rounded to the nearest
/// integer, halves to the even one, moved by the zero point, and stopped at the type's limits.
template <class Q>
Q quantized(float scaled, Q zero_point) {
  return converted<Q>(std::nearbyint(scaled) + static_cast<float>(zero_point));
}

/// The elements less their zero points (0 where the tensor is absent). Unsigned, so that sums of
/// products wrap around as int32 does on every machine.
std::vector<std::uint32_t> above_zero_point(const Tensor& x, const Tensor& zero_point,
                                            Granularity zero_points);

/// Sums of products of elements above their zero points, back as elements: each times its factor.
/// `zero_point` is one number, whose type the elements get.
Tensor requantized(const std::vector<std::uint32_t>& sums, Shape shape,
                   const std::vector<float>& factors, Granularity granularity,
                   const Tensor& zero_point);

/// scale of a * scale of b / scale of y, for each scale of b.
std::vector<float> factors_of(const Tensor& a, const Tensor& b, const Tensor& y);

}  // namespace offcut::ops
