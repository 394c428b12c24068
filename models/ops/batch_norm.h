#pragma once

#include <vector>

#include "models/graph/tensor.h"

namespace offcut::ops {

/// BatchNormalization in inference as functions of the channels, in double: f (x - mean) + shift
/// with f = scale / sqrt(variance + epsilon).
struct ChannelAffine {
  std::vector<double> factors, means, shifts;

  double operator()(std::size_t channel, double x) const {
    return (x - means[channel]) * factors[channel] + shifts[channel];
  }
};

/// The tensors are the operator's inputs 1 to 4: float32, one element per channel.
ChannelAffine batch_norm_affine(const Tensor& scale, const Tensor& shift, const Tensor& mean,
                                const Tensor& variance, double epsilon);

}  // namespace offcut::ops
