#pragma once

#include "models/graph/tensor.h"

namespace offcut::train {

/// Calls f(T()) with the type of the floats: gradients are computed in float32, and in float64 by
/// the tests, which compare them with differences.
template <class F>
auto with_float(DataType type, F f) {
  return type == DataType::float64 ? f(double()) : f(float());
}

template <class T>
const T* elements_of(const Tensor& tensor) {
  return tensor.values<T>().data();
}
template <class T>
T* elements_of(Tensor& tensor) {
  return tensor.values<T>().data();
}

/// Returns a number as T, for attributes in the arithmetic of T.
template <class T>
T as(double value) {
  return static_cast<T>(value);
}

}  // namespace offcut::train
