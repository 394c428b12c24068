#pragma once

#include "models/train/gradient.h"

namespace offcut::train {

/// The gradient of Max and Min of any number of inputs with broadcasting: the slope goes to the
/// input that equals the result; equal ones share it, as in PyTorch.
std::vector<Tensor> chosen_backward(const Backward& b);

}  // namespace offcut::train
