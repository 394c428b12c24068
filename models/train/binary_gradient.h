#pragma once

#include "models/ops/broadcast.h"
#include "models/train/floats.h"
#include "models/train/gradient.h"
#include "models/train/sum_to.h"

namespace offcut::train {

/// Returns f(a, b) * dy for each pair of elements, in the shape of the result.
template <class F>
Tensor times_slope(const Tensor& a, const Tensor& b, const Tensor& dy, F f) {
  const ops::Broadcast pairs(a.shape(), b.shape());
  Tensor result(dy.type());
  with_float(dy.type().type, [&](auto zero) {
    using T = decltype(zero);
    const T* const x = elements_of<T>(a);
    const T* const y = elements_of<T>(b);
    const T* const from = elements_of<T>(dy);
    T* const to = elements_of<T>(result);
    pairs.for_each_run([&](std::int64_t at_x, std::int64_t at_y, std::int64_t at, std::int64_t n) {
      for (std::int64_t i = 0; i < n; ++i) {
        to[at + i] = f(x[at_x + i * pairs.a_step()], y[at_y + i * pairs.b_step()]) * from[at + i];
      }
    });
  });
  return result;
}

/// The gradient of f(a, b) with broadcasting. F has functions left(a, b) and right(a, b): the
/// derivatives with respect to a and b.
template <class F>
std::vector<Tensor> binary_backward(const Backward& b) {
  std::vector<Tensor> all(2);
  const Tensor& x = b.inputs[0];
  const Tensor& y = b.inputs[1];
  if (b.wanted[0]) {
    all[0] = sum_to(times_slope(x, y, b.slopes[0], [](auto p, auto q) { return F::left(p, q); }),
                    b.call.shape(0));
  }
  if (b.wanted[1]) {
    all[1] = sum_to(times_slope(x, y, b.slopes[0], [](auto p, auto q) { return F::right(p, q); }),
                    b.call.shape(1));
  }
  return all;
}

}  // namespace offcut::train
