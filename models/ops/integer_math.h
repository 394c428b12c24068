#pragma once

#include "models/ops/convolution.h"
#include "models/ops/matrix_product.h"

namespace offcut::ops {

// Exact sums of products, modulo 2^32: the int32 results of ConvInteger and MatMulInteger, which
// QLinearConv and QLinearMatMul scale.

/// The result's shape: batch, groups * out_channels, out positions.
std::vector<std::uint32_t> convolved(const Convolution& g, const std::vector<std::uint32_t>& x,
                                     const std::vector<std::uint32_t>& w);

std::vector<std::uint32_t> multiplied(const MatrixProduct& product,
                                      const std::vector<std::uint32_t>& a,
                                      const std::vector<std::uint32_t>& b);

/// Returns the sums as an int32 tensor.
Tensor as_int32(const std::vector<std::uint32_t>& sums, TensorType type);

}  // namespace offcut::ops
