#pragma once

#include "models/train/floats.h"
#include "models/train/gradient.h"

namespace offcut::train {

enum class Reads { nothing, input, output };

/// Computes dx = f(v) * dy, where v is x, y, or 0 for derivatives that are constants.
template <class F, Reads reads>
std::vector<Tensor> unary_backward(const Backward& b) {
  const Tensor& read = reads == Reads::output ? b.outputs[0] : b.inputs[0];
  const Tensor& dy = b.slopes[0];
  Tensor dx(dy.type());
  with_float(dy.type().type, [&](auto zero) {
    using T = decltype(zero);
    const F f(b.call.attributes);
    const T* const v = reads == Reads::nothing ? nullptr : elements_of<T>(read);
    const T* const from = elements_of<T>(dy);
    T* const to = elements_of<T>(dx);
    for (std::int64_t i = 0; i < dx.size(); ++i) {
      to[i] = f(reads == Reads::nothing ? T{} : v[i]) * from[i];
    }
  });
  std::vector<Tensor> all(b.inputs.size());
  all[0] = std::move(dx);
  return all;
}

/// Makes the gradient of a function of each element. F is constructed from the attributes and is a
/// function of T, float or double.
template <class F, Reads reads>
Gradient unary_gradient(std::string name, std::string doc) {
  return {.name = std::move(name),
          .doc = std::move(doc),
          .reads_inputs = reads == Reads::input ? InputSet{0} : InputSet{},
          .reads_outputs = reads == Reads::output,
          .backward = unary_backward<F, reads>};
}

}  // namespace offcut::train
