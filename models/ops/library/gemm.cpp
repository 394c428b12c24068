// Gemm: Y = alpha * A' * B' + beta * C, where A' (M x K) and B' (K x N) are A and B or their
// transposes and C is broadcast to M x N. A single row or column goes through Eigen's matrix-vector
// product, which reads the weights in place, so batch 1 runs at the memory's speed. Of float32,
// float64, int32 or int64; alpha and beta become integers for the last two.

#include <fmt/format.h>

#include <stdexcept>
#include <tuple>
#include <type_traits>

#include "models/ops/arguments.h"
#include "models/ops/broadcast.h"
#include "models/ops/element_types.h"
#include "models/ops/matrix_types.h"

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
  const Shape& a = call.shape(0);
  const Shape& b = call.shape(1);
  require_matrix_type(call, 0);
  require_same_type(call, 0, 1);
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
  if (call.has(2)) {
    require_same_type(call, 0, 2);
  }
  if (call.has(2) && Broadcast(call.shape(2), y).shape() != y) {
    throw std::invalid_argument(
        fmt::format("C of {} cannot be broadcast to {}", to_text(call.shape(2)), to_text(y)));
  }
  return {output_type(call.inputs[0].type, y)};
}

double macs_gemm(const Call& call, std::span<const TensorType>) {
  const GemmProduct p = gemm_product(call);
  return static_cast<double>(p.rows) * static_cast<double>(p.inner) *
         static_cast<double>(p.columns);
}

/// Converts alpha or beta to the type of the product, which is unsigned for integers.
template <class T>
T factor(float value) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(converted<std::int64_t>(value));
  } else {
    return value;
  }
}

/// Computes y = beta * c, broadcast.
template <class T>
void start_with(const Tensor& c, T beta, Tensor& y) {
  const Broadcast pairs(c.shape(), y.shape());
  const T* const from = matrix_elements<T>(c);
  T* const to = matrix_elements<T>(y);
  pairs.for_each_run([&](std::int64_t c_start, std::int64_t, std::int64_t start, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) {
      to[start + i] = beta * from[c_start + i * pairs.a_step()];
    }
  });
}

template <class T>
ConstMatrixMapOf<T> matrix(const Tensor& tensor) {
  return {matrix_elements<T>(tensor), tensor.shape()[0], tensor.shape()[1]};
}

/// Adds the product to y. Of the transposed operands, only weights of float32 are read in place:
/// each of Eigen's products takes long to compile.
template <class T>
void add_product(const GemmProduct& p, const Tensor& left, const Tensor& right, Tensor& y) {
  MatrixOf<T> copy_of_a;
  if (p.a_transposed) {
    copy_of_a = matrix<T>(left).transpose();
  }
  const ConstMatrixMapOf<T> a(p.a_transposed ? copy_of_a.data() : matrix_elements<T>(left), p.rows,
                              p.inner);
  const T alpha = factor<T>(p.alpha);
  MatrixMapOf<T> result(matrix_elements<T>(y), p.rows, p.columns);
  if (!p.b_transposed) {
    result.noalias() += alpha * (a * matrix<T>(right));
  } else if constexpr (std::is_same_v<T, float>) {
    result.noalias() += alpha * (a * matrix<T>(right).transpose());
  } else {
    const MatrixOf<T> b = matrix<T>(right).transpose();
    result.noalias() += alpha * (a * ConstMatrixMapOf<T>(b.data(), p.inner, p.columns));
  }
}

std::vector<Tensor> forward_gemm(const Call& call, std::span<const Tensor> inputs) {
  const GemmProduct p = gemm_product(call);
  Tensor y(infer_gemm(call).front());
  with_matrix_type(y.type().type, [&](auto zero) {
    using T = decltype(zero);
    if (call.has(2) && p.beta != 0) {
      start_with<T>(inputs[2], factor<T>(p.beta), y);
    }
    add_product<T>(p, inputs[0], inputs[1], y);
  });
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
