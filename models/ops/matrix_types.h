#pragma once

#include <Eigen/Core>

#include "models/ops/operator.h"

namespace offcut::ops {

// The element types of matrix products. Only files that compute include this header, as Eigen is no
// part of offcut's interface.

/// REQUIRES: the input is float32, float64, int32 or int64 (std::invalid_argument otherwise).
void require_matrix_type(const Call& call, std::size_t input);

/// Calls f(T()) with the type in which to compute products: unsigned for integers, so that sums
/// wrap around as two's complement does on every machine.
template <class F>
auto with_matrix_type(DataType type, F f) {
  switch (type) {
    case DataType::float64:
      return f(double());
    case DataType::int32:
      return f(std::uint32_t());
    case DataType::int64:
      return f(std::uint64_t());
    default:
      return f(float());
  }
}

template <class T>
using MatrixOf = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class T>
using ConstMatrixMapOf = Eigen::Map<const MatrixOf<T>>;
template <class T>
using MatrixMapOf = Eigen::Map<MatrixOf<T>>;

/// Returns the elements as numbers of type T, which may differ from their own type in signedness.
template <class T>
const T* matrix_elements(const Tensor& tensor) {
  return reinterpret_cast<const T*>(tensor.bytes().data());
}
template <class T>
T* matrix_elements(Tensor& tensor) {
  return reinterpret_cast<T*>(tensor.bytes().data());
}

}  // namespace offcut::ops
