// Gemm: Y = alpha * A' * B' + beta * C, where A' (M x K) and B' (K x N) are A and B or their
// transposes and C is broadcast to M x N. A single row or column goes through Eigen's matrix-vector
// product, which reads the weights in place, so batch 1 runs at the memory's speed.

#include <fmt/format.h>

#include <stdexcept>
#include <tuple>

#include "models/ops/arguments.h"
#include "models/ops/broadcast.h"
#include "models/ops/matrix.h"

namespace offcut::ops {
namespace {

struct GemmProduct {
  bool a_transposed, b_transposed;
  float alpha, beta;
  std::int64_t rows, inner, columns;  // M, K, N.
};

/// Returns the extents of a matrix; a transposed one is stored with its extents swapped.
std::pair<std::int64_t, std::int64_t> gemm_extents(const Shape& stored, bool transposed) {
  return transposed ? std::pair(stored[1], stored[0]) : std::pair(stored[0], stored[1]);
}

GemmProduct gemm_product(const Call& call) {
  require_inputs(call, call.opset < 11 ? 3 : 2, 3);
  const Shape& a = float_shape(call, 0);
  const Shape& b = float_shape(call, 1);
  if (a.size() != 2 || b.size() != 2) {
    throw std::invalid_argument(
        fmt::format("A is {} and B is {}, expected two matrices", to_text(a), to_text(b)));
  }
  GemmProduct p{};
  p.a_transposed = call.attributes.integer("transA", 0) != 0;
  p.b_transposed = call.attributes.integer("transB", 0) != 0;
  p.alpha = call.attributes.number("alpha", 1);
  p.beta = call.attributes.number("beta", 1);
  std::int64_t b_rows = 0;
  std::tie(p.rows, p.inner) = gemm_extents(a, p.a_transposed);
  std::tie(b_rows, p.columns) = gemm_extents(b, p.b_transposed);
  if (p.inner != b_rows) {
    throw std::invalid_argument(fmt::format("A{} of {} and B{} of {} do not fit",
                                            p.a_transposed ? " transposed" : "", to_text(a),
                                            p.b_transposed ? " transposed" : "", to_text(b)));
  }
  return p;
}

std::vector<TensorType> infer_gemm(const Call& call) {
  const GemmProduct p = gemm_product(call);
  const Shape y = {p.rows, p.columns};
  if (call.has(2) && Broadcast(float_shape(call, 2), y).shape() != y) {
    throw std::invalid_argument(
        fmt::format("C of {} cannot be broadcast to {}", to_text(call.shape(2)), to_text(y)));
  }
  return {output_type(DataType::float32, y)};
}

double macs_gemm(const Call& call, std::span<const TensorType>) {
  const GemmProduct p = gemm_product(call);
  return static_cast<double>(p.rows) * static_cast<double>(p.inner) *
         static_cast<double>(p.columns);
}

/// Computes y = beta * c, broadcast.
void start_with(const Tensor& c, float beta, Tensor& y) {
  const Broadcast pairs(c.shape(), y.shape());
  const float* const from = c.values<float>().data();
  float* const to = y.values<float>().data();
  pairs.for_each_run([&](std::int64_t c_start, std::int64_t, std::int64_t start, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) {
      to[start + i] = beta * from[c_start + i * pairs.a_step()];
    }
  });
}

std::vector<Tensor> forward_gemm(const Call& call, std::span<const Tensor> inputs) {
  const GemmProduct p = gemm_product(call);
  Tensor y(TensorType{DataType::float32, {p.rows, p.columns}});
  if (call.has(2) && p.beta != 0) {
    start_with(inputs[2], p.beta, y);
  }
  const auto matrix = [](const Tensor& tensor) {
    return ConstMatrixMap(tensor.values<float>().data(), tensor.shape()[0], tensor.shape()[1]);
  };
  const ConstMatrixMap a = matrix(inputs[0]);
  const ConstMatrixMap b = matrix(inputs[1]);
  MatrixMap result(y.values<float>().data(), p.rows, p.columns);
  if (p.a_transposed && p.b_transposed) {
    result.noalias() += p.alpha * (a.transpose() * b.transpose());
  } else if (p.a_transposed) {
    result.noalias() += p.alpha * (a.transpose() * b);
  } else if (p.b_transposed) {
    result.noalias() += p.alpha * (a * b.transpose());
  } else {
    result.noalias() += p.alpha * (a * b);
  }
  return {y};
}

}  // namespace

void register_gemm(Registry<Operator>& registry) {
  registry.add({.name = "Gemm",
                .doc = "alpha * A * B + beta * C, with A and B transposed on request",
                .kind = always<LayerKind::dense>,
                .infer = infer_gemm,
                .macs = macs_gemm,
                .forward = forward_gemm});
}

}  // namespace offcut::ops
