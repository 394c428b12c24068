#pragma once

#include "models/graph/tensor.h"

namespace offcut::train {

/// The shipped images of digits, divided by 255, and their labels, from number `first` on.
Tensor digit_images(std::int64_t first, std::int64_t count);
Tensor digit_labels(std::int64_t first, std::int64_t count);

}  // namespace offcut::train
