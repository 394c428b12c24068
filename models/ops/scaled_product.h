#pragma once

#include "models/ops/matrix_product.h"
#include "models/ops/quantized.h"

namespace offcut::ops {

/// Matrix products of quantised A and B with a float32 result, A's part of the inputs aside: B, its
/// scales and zero points (one, or one per column), and a float32 bias per column.
struct ScaledProductInputs {
  std::size_t b, scale, zero, bias;
};

/// REQUIRES: B is uint8 or int8 and fits A of this shape; scales, zero points and bias fit B.
MatrixProduct scaled_product_of(const Call& call, const Shape& a, const ScaledProductInputs& at);

/// Returns the product of A, given as elements above their zero points with one scale, and B.
Tensor scaled_product(const Call& call, std::span<const Tensor> inputs,
                      const ScaledProductInputs& at, const MatrixProduct& product,
                      const std::vector<std::uint32_t>& a, float a_scale);

}  // namespace offcut::ops
