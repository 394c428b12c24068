// com.microsoft FusedMatMul: alpha * A' * B', numpy's matmul, where A' and B' are A and B with
// their last two axes swapped on request. An import turns it into a MatMul where nothing is swapped
// or scaled.

#include <stdexcept>
#include <utility>

#include "models/ops/arguments.h"
#include "models/ops/matrix.h"
#include "models/ops/matrix_product.h"

namespace offcut::ops {
namespace {

/// Returns the shape as the product reads it.
Shape read_shape(const Call& call, std::size_t input, bool transposed) {
  Shape shape = float_shape(call, input);
  if (transposed && shape.size() >= 2) {
    std::swap(shape[shape.size() - 1], shape[shape.size() - 2]);
  }
  return shape;
}

bool is_set(const Call& call, std::string_view attribute) {
  return call.attributes.integer(attribute, 0) != 0;
}

MatrixProduct microsoft_fused_matmul_product(const Call& call) {
  require_inputs(call, 2, 2);
  if (is_set(call, "transBatchA") || is_set(call, "transBatchB")) {
    throw std::invalid_argument("transBatchA and transBatchB are not supported");
  }
  call.attributes.number("alpha", 1);
  return matrix_product_of(read_shape(call, 0, is_set(call, "transA")),
                           read_shape(call, 1, is_set(call, "transB")));
}

std::vector<TensorType> infer_microsoft_fused_matmul(const Call& call) {
  return {output_type(DataType::float32, microsoft_fused_matmul_product(call).shape)};
}

double macs_microsoft_fused_matmul(const Call& call, std::span<const TensorType>) {
  return microsoft_fused_matmul_product(call).macs();
}

/// Returns the operand's matrix; a transposed one is stored with its extents swapped.
Matrix read_matrix(const float* from, const MatrixProduct::Operand& operand, bool transposed) {
  if (transposed) {
    return ConstMatrixMap(from, operand.columns, operand.rows).transpose();
  }
  return ConstMatrixMap(from, operand.rows, operand.columns);
}

std::vector<Tensor> forward_microsoft_fused_matmul(const Call& call,
                                                   std::span<const Tensor> inputs) {
  Tensor y(infer_microsoft_fused_matmul(call).front());
  const MatrixProduct p = microsoft_fused_matmul_product(call);
  const float alpha = call.attributes.number("alpha", 1);
  // A vector has no axes to swap.
  const bool a_swapped = is_set(call, "transA") && call.shape(0).size() >= 2;
  const bool b_swapped = is_set(call, "transB") && call.shape(1).size() >= 2;
  p.for_each_pair([&](std::int64_t a_start, std::int64_t b_start, std::int64_t start) {
    MatrixMap(y.values<float>().data() + start, p.a.rows, p.b.columns).noalias() =
        alpha * (read_matrix(inputs[0].values<float>().data() + a_start, p.a, a_swapped) *
                 read_matrix(inputs[1].values<float>().data() + b_start, p.b, b_swapped));
  });
  return {y};
}

}  // namespace

void register_microsoft_fused_matmul(Registry<Operator>& registry) {
  registry.add({.name = "com.microsoft.FusedMatMul",
                .doc = "alpha * A * B, with the last axes of A and B swapped on request",
                .kind = always<LayerKind::dense>,
                .infer = infer_microsoft_fused_matmul,
                .macs = macs_microsoft_fused_matmul,
                .forward = forward_microsoft_fused_matmul});
}

}  // namespace offcut::ops
