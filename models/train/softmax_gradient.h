#pragma once

#include "models/ops/softmax.h"
#include "models/train/floats.h"
#include "models/train/gradient.h"

namespace offcut::train {

/// The gradient of Softmax and LogSoftmax: F()(y, dy, sum) for each element, where the sum is that
/// of F::part(y, dy) over the element's group, in float64.
template <class F>
std::vector<Tensor> softmax_backward(const Backward& b) {
  const Shape& shape = b.call.shape(0);
  const ops::SoftmaxGroups g = ops::softmax_groups(b.call.attributes, b.call.opset, shape);
  Tensor dx(TensorType{b.type(), shape});
  with_float(b.type(), [&](auto zero) {
    using T = decltype(zero);
    const T* const y = elements_of<T>(b.outputs[0]);
    const T* const dy = elements_of<T>(b.slopes[0]);
    T* const to = elements_of<T>(dx);
    for (std::int64_t group = 0; group < g.outer * g.step; ++group) {
      const std::int64_t start = group / g.step * g.count * g.step + group % g.step;
      double sum = 0;
      for (std::int64_t i = 0; i < g.count; ++i) {
        sum += F::part(static_cast<double>(y[start + i * g.step]),
                       static_cast<double>(dy[start + i * g.step]));
      }
      for (std::int64_t i = 0; i < g.count; ++i) {
        const std::int64_t at = start + i * g.step;
        to[at] =
            static_cast<T>(F::slope(static_cast<double>(y[at]), static_cast<double>(dy[at]), sum));
      }
    }
  });
  return {dx};
}

}  // namespace offcut::train
