#pragma once

#include "models/ops/operator.h"

namespace offcut::ops {

/// The output type of operators that change each element of one input and nothing else. Float32
/// only.
std::vector<TensorType> same_as_input(const Call& call);

/// Makes a tensor of f(x) for each x.
template <class F>
Tensor map_elements(const Tensor& input, F f) {
  Tensor output(input.type());
  const auto from = input.values<float>();
  const auto to = output.values<float>();
  for (std::size_t i = 0; i < from.size(); ++i) {
    to[i] = f(from[i]);
  }
  return output;
}

}  // namespace offcut::ops
