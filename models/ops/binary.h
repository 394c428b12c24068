#pragma once

#include <type_traits>

#include "models/ops/broadcast.h"
#include "models/ops/operator.h"

namespace offcut {

/// The output type of Add, Sub, Mul and Div: numpy's broadcasting (ONNX's from opset 7 on) of two
/// inputs of type float32, int64 or int32.
std::vector<TensorType> infer_binary(const Call& call);

/// f(a, b), for integers with the wrap-around of two's complement instead of undefined overflow.
template <class T, class F>
T wrapping(T a, T b, F f) {
  if constexpr (std::is_integral_v<T>) {
    using Unsigned = std::make_unsigned_t<T>;
    return static_cast<T>(f(static_cast<Unsigned>(a), static_cast<Unsigned>(b)));
  } else {
    return f(a, b);
  }
}

/// F()(a, b) for each pair of elements.
template <class F, class T>
Tensor map_pairs(const Tensor& a, const Tensor& b) {
  const Broadcast pairs(a.shape(), b.shape());
  Tensor output(TensorType{kDataType<T>, pairs.shape()});
  const T* const from_a = a.values<T>().data();
  const T* const from_b = b.values<T>().data();
  T* const to = output.values<T>().data();
  const F f;
  pairs.for_each_run([&](std::int64_t at_a, std::int64_t at_b, std::int64_t at, std::int64_t n) {
    const T* x = from_a + at_a;
    const T* y = from_b + at_b;
    T* z = to + at;
    if (pairs.a_step() == 0) {
      const T one = *x;
      for (std::int64_t i = 0; i < n; ++i) {
        z[i] = f(one, y[i]);
      }
    } else if (pairs.b_step() == 0) {
      const T one = *y;
      for (std::int64_t i = 0; i < n; ++i) {
        z[i] = f(x[i], one);
      }
    } else {
      for (std::int64_t i = 0; i < n; ++i) {
        z[i] = f(x[i], y[i]);
      }
    }
  });
  return output;
}

template <class F>
std::vector<Tensor> forward_binary(const Call&, std::span<const Tensor> inputs) {
  switch (inputs[0].type().type) {
    case DataType::int64:
      return {map_pairs<F, std::int64_t>(inputs[0], inputs[1])};
    case DataType::int32:
      return {map_pairs<F, std::int32_t>(inputs[0], inputs[1])};
    default:
      return {map_pairs<F, float>(inputs[0], inputs[1])};
  }
}

}  // namespace offcut
