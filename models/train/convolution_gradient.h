#pragma once

#include "models/ops/convolution.h"
#include "models/train/gradient.h"

namespace offcut::train {

// The three products of a convolution y = conv(x, w), by im2col and Eigen, in float32 or float64.
// The gradients of Conv and ConvTranspose are made of them, as a transposed convolution is the
// gradient of a convolution. All tensors have the element type of the first one.

/// Returns y.
Tensor convolved(const ops::Convolution& g, const Tensor& x, const Tensor& w, const Shape& shape);

/// Returns dL/dx from dy = dL/dy.
Tensor convolution_input_gradient(const ops::Convolution& g, const Tensor& dy, const Tensor& w,
                                  const Shape& shape);

/// Returns dL/dw.
Tensor convolution_weight_gradient(const ops::Convolution& g, const Tensor& x, const Tensor& dy,
                                   const Shape& shape);

/// Returns the sums over each channel (axis 1), which is the gradient of a bias.
Tensor channel_sums(const Tensor& dy);

}  // namespace offcut::train
