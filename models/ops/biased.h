#pragma once

#include "models/ops/operator.h"

namespace offcut::ops {

/// The output type of an element-wise function of x + bias, where the bias has an element for each
/// place of the last axis. REQUIRES: `least` inputs are given.
std::vector<TensorType> infer_biased(const Call& call, std::size_t least);

/// Returns f(x + bias), or f(x) if there is no bias.
template <class F>
Tensor map_biased(const Call& call, std::span<const Tensor> inputs, F f) {
  Tensor output(inputs[0].type());
  const auto x = inputs[0].values<float>();
  const auto y = output.values<float>();
  const auto bias = call.has(1) ? inputs[1].values<float>() : std::span<const float>();
  for (std::size_t i = 0; i < x.size(); ++i) {
    y[i] = f(bias.empty() ? x[i] : x[i] + bias[i % bias.size()]);
  }
  return output;
}

}  // namespace offcut::ops
