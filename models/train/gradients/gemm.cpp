// The gradient of Gemm, Y = alpha A' B' + beta C, where A' and B' are A and B or their transposes:
// dA' = alpha dY B'^T, dB' = alpha A'^T dY, and dC = beta times the sum of dY over what was
// broadcast.

#include "models/ops/matrix_types.h"
#include "models/train/binary_gradient.h"

namespace offcut::train {
namespace {

template <class T>
using GemmMap = ops::ConstMatrixMapOf<T>;

template <class T>
GemmMap<T> gemm_matrix(const Tensor& tensor) {
  return {elements_of<T>(tensor), tensor.shape()[0], tensor.shape()[1]};
}

/// Computes alpha * left * right into `result`, each transposed on request. Operands are copied to
/// be transposed: Eigen compiles one kind of product then.
template <class T>
Tensor scaled_product(T alpha, ops::MatrixOf<T> left, ops::MatrixOf<T> right, const Shape& shape) {
  Tensor result(TensorType{kDataType<T>, shape});
  ops::MatrixMapOf<T> map(elements_of<T>(result), shape[0], shape[1]);
  map.noalias() = left * right;
  map *= alpha;
  return result;
}

template <class T>
std::vector<Tensor> gemm_gradients(const Backward& b) {
  const bool a_transposed = b.call.attributes.integer("transA", 0) != 0;
  const bool b_transposed = b.call.attributes.integer("transB", 0) != 0;
  const T alpha = as<T>(b.call.attributes.number("alpha", 1));
  const GemmMap<T> dy = gemm_matrix<T>(b.slopes[0]);
  std::vector<Tensor> all(b.inputs.size());
  if (b.wanted[0]) {
    const GemmMap<T> other = gemm_matrix<T>(b.inputs[1]);
    all[0] =
        a_transposed
            ? (b_transposed
                   ? scaled_product<T>(alpha, other.transpose(), dy.transpose(), b.call.shape(0))
                   : scaled_product<T>(alpha, other, dy.transpose(), b.call.shape(0)))
            : (b_transposed ? scaled_product<T>(alpha, dy, other, b.call.shape(0))
                            : scaled_product<T>(alpha, dy, other.transpose(), b.call.shape(0)));
  }
  if (b.wanted[1]) {
    const GemmMap<T> other = gemm_matrix<T>(b.inputs[0]);
    all[1] =
        b_transposed
            ? (a_transposed
                   ? scaled_product<T>(alpha, dy.transpose(), other.transpose(), b.call.shape(1))
                   : scaled_product<T>(alpha, dy.transpose(), other, b.call.shape(1)))
            : (a_transposed ? scaled_product<T>(alpha, other, dy, b.call.shape(1))
                            : scaled_product<T>(alpha, other.transpose(), dy, b.call.shape(1)));
  }
  return all;
}

std::vector<Tensor> backward_gemm(const Backward& b) {
  std::vector<Tensor> all =
      with_float(b.type(), [&](auto zero) { return gemm_gradients<decltype(zero)>(b); });
  if (b.inputs.size() > 2 && b.wanted[2]) {
    const float beta = b.call.attributes.number("beta", 1);
    all[2] = sum_to(b.slopes[0], b.call.shape(2));
    if (beta != 1) {
      all[2] = times_slope(all[2], all[2], all[2],
                           [beta](auto x, auto) { return as<decltype(x)>(beta); });
    }
  }
  return all;
}

}  // namespace

void register_gemm(Registry<Gradient>& registry) {
  registry.add({.name = "Gemm",
                .doc = "alpha dY B^T, alpha A^T dY and beta dY",
                .reads_inputs = {0, 1},
                .weights = {0, 1, 2},
                .backward = backward_gemm});
}

}  // namespace offcut::train
