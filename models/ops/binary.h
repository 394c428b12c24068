#pragma once

#include <type_traits>

#include "models/ops/broadcast.h"
#include "models/ops/element_types.h"
#include "models/ops/operator.h"

namespace offcut::ops {

/// The output type of Add, Sub, Mul and Div: numpy's broadcasting (ONNX's from opset 7 on) of two
/// inputs of one numeric type.
std::vector<TensorType> infer_binary(const Call& call);

/// Returns the type of input 0, which must hold numbers: anything but bools.
DataType number_type(const Call& call);

/// Returns the type of the one input, which must hold numbers.
std::vector<TensorType> same_number_as_input(const Call& call);

/// The output type of operators of one or more inputs of one numeric type, which are all broadcast.
std::vector<TensorType> infer_many(const Call& call);

/// Computes f(a, b), for integers with the wrap-around of two's complement, as overflow is
/// undefined.
template <class T, class F>
T wrapping(T a, T b, F f) {
  if constexpr (std::is_integral_v<T>) {
    using Unsigned = std::make_unsigned_t<T>;
    return static_cast<T>(f(static_cast<Unsigned>(a), static_cast<Unsigned>(b)));
  } else {
    return f(a, b);
  }
}

/// Computes F()(a, b) for each pair of elements.
template <class F, class A, class B = A>
Tensor map_pairs(const Tensor& a, const Tensor& b) {
  const Broadcast pairs(a.shape(), b.shape());
  using Result = std::invoke_result_t<F, A, B>;
  Tensor output(TensorType{kDataType<Result>, pairs.shape()});
  const A* const from_a = a.values<A>().data();
  const B* const from_b = b.values<B>().data();
  Result* const to = output.values<Result>().data();
  const F f;
  pairs.for_each_run(
      [&](std::int64_t a_start, std::int64_t b_start, std::int64_t start, std::int64_t n) {
        const A* x = from_a + a_start;
        const B* y = from_b + b_start;
        Result* z = to + start;
        if (pairs.a_step() == 0) {
          const A one = *x;
          for (std::int64_t i = 0; i < n; ++i) {
            z[i] = f(one, y[i]);
          }
        } else if (pairs.b_step() == 0) {
          const B one = *y;
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
  return {with_number_type(inputs[0].type().type, [&](auto zero) {
    return map_pairs<F, decltype(zero)>(inputs[0], inputs[1]);
  })};
}

/// Computes F()(F()(a, b), c) and so on, for each place.
template <class F>
std::vector<Tensor> forward_many(const Call& call, std::span<const Tensor> inputs) {
  Tensor result = inputs[0];
  for (const Tensor& next : inputs.subspan(1)) {
    result = forward_binary<F>(call, std::vector<Tensor>{result, next}).front();
  }
  return {result};
}

}  // namespace offcut::ops
