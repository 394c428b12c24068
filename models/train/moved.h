#pragma once

#include "models/train/gradient.h"

namespace offcut::train {

/// The gradient with respect to input 0 of an operator that copies elements of input 0, or a fill
/// value, to its output 0: each slope is added to the gradient of the element that was copied. The
/// operator itself says which one that is: it is run on the elements' numbers.
/// REQUIRES: the operator takes int64.
std::vector<Tensor> moved_backward(const Backward& b);

/// The same for an operator that takes float32 alone, in which numbers up to 2^24 are exact. Its
/// other inputs are not replaced. Throws std::invalid_argument for more elements.
std::vector<Tensor> float_moved_backward(const Backward& b);

/// The same for the operators that only change the shape.
std::vector<Tensor> reshaped_backward(const Backward& b);

}  // namespace offcut::train
