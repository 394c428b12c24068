// The gradient of MatMul, Y = A B: dA = dY B' and dB = A' dY for each pair of matrices of the
// batch. A matrix that a broadcast repeats gets the sum over its pairs, in their order.

#include "models/ops/matrix_product.h"
#include "models/ops/matrix_types.h"
#include "models/train/floats.h"
#include "models/train/gradient.h"

namespace offcut::train {
namespace {

template <class T>
using MapOf = ops::MatrixMapOf<T>;
template <class T>
using ConstMapOf = ops::ConstMatrixMapOf<T>;

template <class T>
void add_matmul_gradients(const Backward& b, Tensor* left, Tensor* right) {
  const auto product = ops::matrix_product_of(b.call.shape(0), b.call.shape(1)).merged();
  const std::int64_t rows = product.a.rows;
  const std::int64_t inner = product.a.columns;
  const std::int64_t columns = product.b.columns;
  const T* const dy = elements_of<T>(b.slopes[0]);
  product.for_each_pair([&](std::int64_t at_a, std::int64_t at_b, std::int64_t at) {
    const ConstMapOf<T> slope(dy + at, rows, columns);
    if (left != nullptr) {
      const ConstMapOf<T> matrix(elements_of<T>(b.inputs[1]) + at_b, inner, columns);
      MapOf<T>(elements_of<T>(*left) + at_a, rows, inner).noalias() += slope * matrix.transpose();
    }
    if (right != nullptr) {
      const ConstMapOf<T> matrix(elements_of<T>(b.inputs[0]) + at_a, rows, inner);
      MapOf<T>(elements_of<T>(*right) + at_b, inner, columns).noalias() +=
          matrix.transpose() * slope;
    }
  });
}

std::vector<Tensor> backward_matmul(const Backward& b) {
  std::vector<Tensor> all(2);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (b.wanted[i]) {
      all[i] = Tensor(TensorType{b.type(), b.call.shape(i)});
    }
  }
  with_float(b.type(), [&](auto zero) {
    add_matmul_gradients<decltype(zero)>(b, b.wanted[0] ? &all[0] : nullptr,
                                         b.wanted[1] ? &all[1] : nullptr);
  });
  return all;
}

}  // namespace

void register_matmul(Registry<Gradient>& registry) {
  registry.add({.name = "MatMul",
                .doc = "dY B' and A' dY",
                .reads_inputs = {0, 1},
                .weights = {0, 1},
                .backward = backward_matmul});
}

}  // namespace offcut::train
