#pragma once

#include <optional>
#include <vector>

#include "models/exec/program.h"

namespace offcut::exec {

/// Constant weights as int8, moved by 128 where they were uint8. With zero points, they have one
/// filter of ones more than `zeros` has elements.
struct IntegerWeights {
  Tensor values;
  std::vector<std::int32_t> zeros;  // One for each filter, or none if all of them are 0.
};

/// Returns the weights of ConvInteger or MatMulInteger, whose filters lie along `axis` (0, or 1 of
/// a matrix), or none where they or their zero points are computed.
std::optional<IntegerWeights> integer_weights(const Program& program, const Operation& operation,
                                              std::size_t axis);

/// Returns the first element of uint8 or int8.
std::int32_t first_byte(const Tensor& tensor);

/// Returns whether the processor sums products of bytes without saturation (VNNI). On others,
/// oneDNN's kernels saturate sums of two products, and so differ from the reference.
bool sums_of_bytes_are_exact();

/// Returns whether oneDNN's kernels are exact for these int8 weights: always with VNNI, and on
/// other processors if no sum of two products with uint8 exceeds 16 bits.
bool sums_of_bytes_are_exact(DataType input, const Tensor& weights);

}  // namespace offcut::exec
