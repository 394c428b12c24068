// Parts that all gradients share: zeros for outputs that the loss does not depend on, and the
// element type of a backward pass, which is that of its slopes.

#include "models/train/gradient.h"

#include <stdexcept>

namespace offcut::train {

DataType Backward::type() const {
  for (const Tensor& slope : slopes) {
    if (!slope.absent()) {
      return slope.type().type;
    }
  }
  throw std::logic_error("a backward pass without slopes");
}

Tensor Backward::slope(std::size_t output) const {
  return slopes[output].absent() ? Tensor(TensorType{type(), output_types[output].shape})
                                 : slopes[output];
}

Tensor Backward::zeros_if_wanted(std::size_t input) const {
  return input < inputs.size() && wanted[input] ? Tensor(TensorType{type(), call.shape(input)})
                                                : Tensor();
}

}  // namespace offcut::train

template class offcut::Registry<offcut::train::Gradient>;
