// com.microsoft MatMulIntegerToFloat: the product of quantised A and B as float32, plus a bias per
// column. Inputs: A, B, the scale of A, the scales of B, the zero points of both, and the bias;
// scales and zero points of B may be one per column.

#include "models/ops/arguments.h"
#include "models/ops/scaled_product.h"

namespace offcut::ops {
namespace {

constexpr std::size_t kToFloatA = 0;
constexpr std::size_t kToFloatAScale = 2;
constexpr std::size_t kToFloatAZero = 4;
constexpr ScaledProductInputs kToFloatInputs{.b = 1, .scale = 3, .zero = 5, .bias = 6};

MatrixProduct matmul_integer_to_float_product(const Call& call) {
  require_inputs(call, 4, 7);
  require_bytes(call, kToFloatA);
  require_one_scale(call, kToFloatAScale);
  require_zero_points(call, kToFloatAZero, kToFloatA, {});
  return scaled_product_of(call, call.shape(kToFloatA), kToFloatInputs);
}

std::vector<TensorType> infer_microsoft_matmul_integer_to_float(const Call& call) {
  return {output_type(DataType::float32, matmul_integer_to_float_product(call).shape)};
}

double macs_microsoft_matmul_integer_to_float(const Call& call, std::span<const TensorType>) {
  return matmul_integer_to_float_product(call).macs();
}

std::vector<Tensor> forward_microsoft_matmul_integer_to_float(const Call& call,
                                                              std::span<const Tensor> inputs) {
  const Tensor zero = call.has(kToFloatAZero) ? inputs[kToFloatAZero] : Tensor();
  return {scaled_product(call, inputs, kToFloatInputs, matmul_integer_to_float_product(call),
                         above_zero_point(inputs[kToFloatA], zero, {}),
                         inputs[kToFloatAScale].values<float>().front())};
}

}  // namespace

void register_microsoft_matmul_integer_to_float(Registry<Operator>& registry) {
  registry.add({.name = "com.microsoft.MatMulIntegerToFloat",
                .doc = "matrix product of quantised matrices as float32, plus a bias",
                .kind = always<LayerKind::dense>,
                .infer = infer_microsoft_matmul_integer_to_float,
                .macs = macs_microsoft_matmul_integer_to_float,
                .forward = forward_microsoft_matmul_integer_to_float});
}

}  // namespace offcut::ops
