// BatchNormalization with known statistics, as an affine function of each channel.
#include "models/ops/batch_norm.h"

#include <cmath>

namespace offcut::ops {

ChannelAffine batch_norm_affine(const Tensor& scale, const Tensor& shift, const Tensor& mean,
                                const Tensor& variance, double epsilon) {
  ChannelAffine affine;
  for (std::size_t c = 0; c < scale.values<float>().size(); ++c) {
    affine.factors.push_back(scale.values<float>()[c] /
                             std::sqrt(variance.values<float>()[c] + epsilon));
    affine.means.push_back(mean.values<float>()[c]);
    affine.shifts.push_back(shift.values<float>()[c]);
  }
  return affine;
}

}  // namespace offcut::ops
