// The gradient of ReduceMax and ReduceMin, which first counts the elements that equal the result.

#include "models/train/reduction_gradient.h"

namespace offcut::train {

std::vector<Tensor> extreme_backward(const Backward& b) {
  std::vector<Tensor> all(b.inputs.size());
  all[0] = Tensor(TensorType{b.type(), b.call.shape(0)});
  with_float(b.type(), [&](auto zero) {
    using T = decltype(zero);
    const T* const x = elements_of<T>(b.inputs[0]);
    const T* const y = elements_of<T>(b.outputs[0]);
    const T* const dy = elements_of<T>(b.slopes[0]);
    T* const dx = elements_of<T>(all[0]);
    std::vector<T> equal(static_cast<std::size_t>(b.slopes[0].size()));
    constexpr int kFirst = ops::kAxesAlwaysAttribute;
    for_each_reduced(b.call, kFirst, [&](std::int64_t in, std::int64_t out) {
      equal[static_cast<std::size_t>(out)] += x[in] == y[out] ? 1 : 0;
    });
    for_each_reduced(b.call, kFirst, [&](std::int64_t in, std::int64_t out) {
      dx[in] = x[in] == y[out] ? dy[out] / equal[static_cast<std::size_t>(out)] : 0;
    });
  });
  return all;
}

}  // namespace offcut::train
