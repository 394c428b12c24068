// QLinearMatMul: the matrix product of quantised A and B as a quantised y. Sums are exact; each is
// scaled once by a_scale * b_scale / y_scale in float32, as in ONNX Runtime. Scales and zero points
// of B may be one per column.

#include "models/ops/integer_math.h"
#include "models/ops/quantized.h"

namespace offcut::ops {
namespace {

enum QlinearMatmulInput : std::size_t {
  kA,
  kAScale,
  kAZero,
  kB,
  kBScale,
  kBZero,
  kProductScale,
  kProductZero
};

/// Returns the axis of the columns, or none if B is a vector.
std::size_t columns_axis(const Call& call) {
  const std::size_t rank = call.shape(kB).size();
  return rank < 2 ? rank : rank - 1;
}

MatrixProduct qlinear_matmul_product(const Call& call) {
  require_inputs(call, 8, 8);
  const MatrixProduct p = matrix_product_of(call.shape(kA), call.shape(kB));
  for (const std::size_t input : {kA, kB, kProductZero}) {
    require_bytes(call, input);
  }
  require_one_scale(call, kAScale);
  require_one_scale(call, kProductScale);
  float_shape(call, kBScale);
  require_zero_points(call, kAZero, kA, {});
  require_zero_points(call, kProductZero, kProductZero, {});
  require_same_type(call, kB, kBZero);
  granularity_of(call, kBScale, call.shape(kB), columns_axis(call));
  granularity_of(call, kBZero, call.shape(kB), columns_axis(call));
  return p;
}

std::vector<TensorType> infer_qlinear_matmul(const Call& call) {
  const MatrixProduct p = qlinear_matmul_product(call);
  return {output_type(call.inputs[kProductZero].type, p.shape)};
}

double macs_qlinear_matmul(const Call& call, std::span<const TensorType>) {
  return qlinear_matmul_product(call).macs();
}

std::vector<Tensor> forward_qlinear_matmul(const Call& call, std::span<const Tensor> inputs) {
  const MatrixProduct p = qlinear_matmul_product(call);
  const auto sums = multiplied(
      p, above_zero_point(inputs[kA], inputs[kAZero], {}),
      above_zero_point(inputs[kB], inputs[kBZero],
                       granularity_of(call, kBZero, call.shape(kB), columns_axis(call))));
  const auto factors = factors_of(inputs[kAScale], inputs[kBScale], inputs[kProductScale]);
  const Granularity columns{static_cast<std::int64_t>(factors.size()), 1};
  return {requantized(sums, p.shape, factors, columns, inputs[kProductZero])};
}

}  // namespace

void register_qlinear_matmul(Registry<Operator>& registry) {
  registry.add({.name = "QLinearMatMul",
                .doc = "matrix product of quantised matrices with a quantised result",
                .kind = always<LayerKind::dense>,
                .infer = infer_qlinear_matmul,
                .macs = macs_qlinear_matmul,
                .forward = forward_qlinear_matmul});
}

}  // namespace offcut::ops
