// MatMul: numpy's matmul. The last two axes are matrices, the axes before them are broadcast. A
// vector is a row on the left and a column on the right, and the result lacks that axis.

#include "models/ops/arguments.h"
#include "models/ops/matrix.h"
#include "models/ops/matrix_product.h"

namespace offcut::ops {
namespace {

MatrixProduct matmul_product(const Call& call) {
  require_inputs(call, 2, 2);
  return matrix_product_of(float_shape(call, 0), float_shape(call, 1));
}

std::vector<TensorType> infer_matmul(const Call& call) {
  return {output_type(DataType::float32, matmul_product(call).shape)};
}

double macs_matmul(const Call& call, std::span<const TensorType>) {
  return matmul_product(call).macs();
}

std::vector<Tensor> forward_matmul(const Call& call, std::span<const Tensor> inputs) {
  Tensor y(infer_matmul(call).front());
  const MatrixProduct p = matmul_product(call).merged();
  const float* const a = inputs[0].values<float>().data();
  const float* const b = inputs[1].values<float>().data();
  float* const to = y.values<float>().data();
  p.for_each_pair([&](std::int64_t a_start, std::int64_t b_start, std::int64_t start) {
    MatrixMap(to + start, p.a.rows, p.b.columns).noalias() =
        ConstMatrixMap(a + a_start, p.a.rows, p.a.columns) *
        ConstMatrixMap(b + b_start, p.b.rows, p.b.columns);
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
