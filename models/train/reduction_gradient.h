#pragma once

#include "models/ops/reduction.h"
#include "models/train/floats.h"
#include "models/train/gradient.h"

namespace offcut::train {

/// Calls f(place in the input, place in the result) for each element that a Reduce operator
/// reduces.
template <class F>
void for_each_reduced(const ops::Call& call, int first_opset, F f) {
  const Shape& x = call.shape(0);
  const std::vector<bool> axes = ops::reduced_axes(call, first_opset);
  const auto in_steps = ops::row_major_steps(x);
  const auto out_steps = ops::row_major_steps(ops::kept_shape(x, axes));
  std::vector<ops::WalkAxis<2>> both;
  for (std::size_t i = 0; i < x.size(); ++i) {
    both.push_back({x[i], {in_steps[i], axes[i] ? 0 : out_steps[i]}});
  }
  const ops::Walk<2> walk(both);
  walk.for_each_run([&](const ops::Walk<2>::Offsets& offsets, std::int64_t length) {
    for (std::int64_t i = 0; i < length; ++i) {
      f(offsets[0] + i * walk.step()[0], offsets[1] + i * walk.step()[1]);
    }
  });
}

/// The gradient of a Reduce operator: dx = F()(x, y, count) * dy, where count is the number of
/// elements that each y is made of. `reads` says whether x and y are read at all.
template <class F, bool reads, int first_opset>
std::vector<Tensor> reduction_backward(const Backward& b) {
  std::vector<Tensor> all(b.inputs.size());
  all[0] = Tensor(TensorType{b.type(), b.call.shape(0)});
  const std::int64_t results = b.slopes[0].size();
  const std::int64_t count = results == 0 ? 0 : all[0].size() / results;
  with_float(b.type(), [&](auto zero) {
    using T = decltype(zero);
    const T* const x = reads ? elements_of<T>(b.inputs[0]) : nullptr;
    const T* const y = reads ? elements_of<T>(b.outputs[0]) : nullptr;
    const T* const dy = elements_of<T>(b.slopes[0]);
    T* const dx = elements_of<T>(all[0]);
    const F f;
    for_each_reduced(b.call, first_opset, [&](std::int64_t in, std::int64_t out) {
      if constexpr (reads) {
        dx[in] = f(x[in], y[out], static_cast<T>(count)) * dy[out];
      } else {
        dx[in] = f(T{}, T{}, static_cast<T>(count)) * dy[out];
      }
    });
  });
  return all;
}

template <class F, bool reads, int first_opset = ops::kAxesAlwaysAttribute>
Gradient reduction_gradient(std::string name, std::string doc) {
  return {.name = std::move(name),
          .doc = std::move(doc),
          .reads_inputs = reads ? InputSet{0} : InputSet{},
          .reads_outputs = reads,
          .backward = reduction_backward<F, reads, first_opset>};
}

/// ReduceMax and ReduceMin: equal extremes share the slope, as in PyTorch's amax.
std::vector<Tensor> extreme_backward(const Backward& b);

}  // namespace offcut::train
