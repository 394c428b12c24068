#pragma once

#include "models/ops/quantized.h"

namespace offcut::ops {

// The operators of ONNX Runtime's domain on quantised tensors: uint8 or int8, one scale and zero
// point for each tensor. Values are dequantised, computed and rounded once, in float32.

/// A tensor among the inputs: its elements, scale and zero point, which may be omitted (0).
struct QuantizedInput {
  std::size_t elements, scale, zero;
};

/// The scale and zero point of the output among the inputs.
struct QuantizedOutput {
  std::size_t scale, zero;
};

/// REQUIRES: the input is uint8 or int8, with one scale and zero point.
void require_quantized(const Call& call, const QuantizedInput& input);

/// Returns the type of the output: that of its zero point, or else of input x. REQUIRES: one scale
/// and, if given, one zero point.
DataType quantized_output_type(const Call& call, const QuantizedInput& x,
                               const QuantizedOutput& output);

/// Returns (element - zero point) * scale for each element.
std::vector<float> dequantized(std::span<const Tensor> inputs, const QuantizedInput& input);

/// Quantises values with the output's scale and zero point.
Tensor quantized_tensor(std::span<const float> values, const TensorType& type,
                        std::span<const Tensor> inputs, const QuantizedOutput& output);

/// The inputs of operators on one tensor: X, its scale and zero point, and those of Y.
inline constexpr QuantizedInput kOneX{0, 1, 2};
inline constexpr QuantizedOutput kOneY{3, 4};

/// The output type of element-wise functions of one tensor.
std::vector<TensorType> infer_quantized_unary(const Call& call);

/// Returns f(x) for each element of X.
template <class F>
std::vector<Tensor> forward_quantized_unary(const Call& call, std::span<const Tensor> inputs, F f) {
  std::vector<float> values = dequantized(inputs, kOneX);
  for (float& value : values) {
    value = f(value);
  }
  return {quantized_tensor(values, infer_quantized_unary(call).front(), inputs, kOneY)};
}

/// The inputs of operators on two tensors: A and B with their scales and zero points, and those of
/// C.
inline constexpr QuantizedInput kTwoA{0, 1, 2};
inline constexpr QuantizedInput kTwoB{3, 4, 5};
inline constexpr QuantizedOutput kTwoC{6, 7};

/// The output type of element-wise functions of two tensors that are broadcast.
std::vector<TensorType> infer_quantized_binary(const Call& call);

/// Returns f(a, b) for each pair of elements.
std::vector<Tensor> forward_quantized_binary(const Call& call, std::span<const Tensor> inputs,
                                             float (*f)(float a, float b));

}  // namespace offcut::ops
