// MatMul: numpy's matmul. The last two axes are matrices, the axes before them are broadcast. A
// vector is a row on the left and a column on the right, and the result lacks that axis. Of
// float32, float64, int32 or int64; sums of integers wrap around.

#include <fmt/format.h>

#include "models/ops/arguments.h"
#include "models/ops/matrix_product.h"
#include "models/ops/matrix_types.h"

namespace offcut::ops {
namespace {

MatrixProduct matmul_product(const Call& call) {
  require_inputs(call, 2, 2);
  require_matrix_type(call, 0);
  require_same_type(call, 0, 1);
  return matrix_product_of(call.shape(0), call.shape(1));
}

std::vector<TensorType> infer_matmul(const Call& call) {
  const MatrixProduct product = matmul_product(call);
  return {output_type(call.inputs[0].type, product.shape)};
}

double macs_matmul(const Call& call, std::span<const TensorType>) {
  return matmul_product(call).macs();
}

std::vector<Tensor> forward_matmul(const Call& call, std::span<const Tensor> inputs) {
  Tensor y(infer_matmul(call).front());
  const MatrixProduct p = matmul_product(call).merged();
  with_matrix_type(y.type().type, [&](auto zero) {
    using T = decltype(zero);
    const auto* const a = matrix_elements<T>(inputs[0]);
    const auto* const b = matrix_elements<T>(inputs[1]);
    auto* const to = matrix_elements<T>(y);
    p.for_each_pair([&](std::int64_t a_start, std::int64_t b_start, std::int64_t start) {
      MatrixMapOf<T>(to + start, p.a.rows, p.b.columns).noalias() =
          ConstMatrixMapOf<T>(a + a_start, p.a.rows, p.a.columns) *
          ConstMatrixMapOf<T>(b + b_start, p.b.rows, p.b.columns);
    });
  });
  return {y};
}

}  // namespace

void register_matmul(Registry<Operator>& registry) {
  registry.add({.name = "MatMul",
                .doc = "matrix product, numpy's: vectors, and batches with broadcasting",
                .kind = always<LayerKind::dense>,
                .infer = infer_matmul,
                .macs = macs_matmul,
                .forward = forward_matmul});
}

}  // namespace offcut::ops
