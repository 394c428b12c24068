// com.microsoft DynamicQuantizeMatMul: the product of A, quantised over its own range as by
// DynamicQuantizeLinear, and the quantised B as float32, plus a bias per column. Inputs: A, B, its
// scales and zero points (one, or one per column), and the bias.

#include <algorithm>

#include "models/ops/arguments.h"
#include "models/ops/scaled_product.h"

namespace offcut::ops {
namespace {

constexpr ScaledProductInputs kDynamicInputs{.b = 1, .scale = 2, .zero = 3, .bias = 4};

MatrixProduct dynamic_quantize_matmul_product(const Call& call) {
  require_inputs(call, 3, 5);
  return scaled_product_of(call, float_shape(call, 0), kDynamicInputs);
}

std::vector<TensorType> infer_microsoft_dynamic_quantize_matmul(const Call& call) {
  return {output_type(DataType::float32, dynamic_quantize_matmul_product(call).shape)};
}

double macs_microsoft_dynamic_quantize_matmul(const Call& call, std::span<const TensorType>) {
  return dynamic_quantize_matmul_product(call).macs();
}

std::vector<Tensor> forward_microsoft_dynamic_quantize_matmul(const Call& call,
                                                              std::span<const Tensor> inputs) {
  const auto x = inputs[0].values<float>();
  float smallest = 0;
  float largest = 0;
  for (const float value : x) {
    smallest = std::min(smallest, value);
    largest = std::max(largest, value);
  }
  const float scale = largest == smallest ? 1 : (largest - smallest) / 255;
  const auto zero = quantized<std::uint8_t>(-smallest / scale, 0);
  std::vector<std::uint32_t> a;
  for (const float value : x) {
    a.push_back(static_cast<std::uint32_t>(quantized<std::uint8_t>(value / scale, zero)) -
                static_cast<std::uint32_t>(zero));
  }
  return {scaled_product(call, inputs, kDynamicInputs, dynamic_quantize_matmul_product(call), a,
                         scale)};
}

}  // namespace

void register_microsoft_dynamic_quantize_matmul(Registry<Operator>& registry) {
  registry.add({.name = "com.microsoft.DynamicQuantizeMatMul",
                .doc = "matrix product of a float32 A, quantised on the way, and a quantised B",
                .kind = always<LayerKind::dense>,
                .infer = infer_microsoft_dynamic_quantize_matmul,
                .macs = macs_microsoft_dynamic_quantize_matmul,
                .forward = forward_microsoft_dynamic_quantize_matmul});
}

}  // namespace offcut::ops
