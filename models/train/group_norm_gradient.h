#pragma once

#include <cmath>

#include "models/train/floats.h"
#include "models/train/gradient.h"

namespace offcut::train {

/// How a normalisation divides its input: into groups of `length` neighbours, each with its own
/// mean and variance; the mean is subtracted if `centred`.
struct NormGroups {
  std::int64_t length;
  double epsilon;
  bool centred = true;
};

/// The gradient of y = (x - mean) / sqrt(variance + epsilon) * scale + bias. With n elements in a
/// group, h = (x - mean) / sqrt(variance + epsilon) and g = dy * scale:
///   dx = (g - mean(g) - h * mean(g * h)) / sqrt(variance + epsilon),
///   dscale = sum of dy * h, dbias = sum of dy
/// (Ioffe, Szegedy, "Batch normalization", ICML 2015, section 3, with groups in the place of the
/// batch). `index(group, i)` is the scale and bias of element i of a group. Sums are in float64.
template <class F>
std::vector<Tensor> group_norm_backward(const Backward& b, const NormGroups& groups, F index) {
  std::vector<Tensor> all(b.inputs.size());
  all[0] = Tensor(TensorType{b.type(), b.call.shape(0)});
  with_float(b.type(), [&](auto zero) {
    using T = decltype(zero);
    const std::int64_t n = groups.length;
    const T* const scale = elements_of<T>(b.inputs[1]);
    std::vector<double> dscale(static_cast<std::size_t>(b.inputs[1].size()));
    std::vector<double> dbias(dscale.size());
    std::vector<double> h(static_cast<std::size_t>(n));
    for (std::int64_t group = 0; n > 0 && group < all[0].size() / n; ++group) {
      const T* const x = elements_of<T>(b.inputs[0]) + group * n;
      const T* const dy = elements_of<T>(b.slopes[0]) + group * n;
      T* const dx = elements_of<T>(all[0]) + group * n;
      double mean = 0;
      for (std::int64_t i = 0; groups.centred && i < n; ++i) {
        mean += static_cast<double>(x[i]) / static_cast<double>(n);
      }
      double squares = 0;
      for (std::int64_t i = 0; i < n; ++i) {
        squares += (x[i] - mean) * (x[i] - mean);
      }
      const double inverse = 1 / std::sqrt(squares / static_cast<double>(n) + groups.epsilon);
      double sum = 0;
      double product = 0;
      for (std::int64_t i = 0; i < n; ++i) {
        const auto k = static_cast<std::size_t>(index(group, i));
        const double normal = (x[i] - mean) * inverse;
        const double g = static_cast<double>(dy[i]) * static_cast<double>(scale[k]);
        h[static_cast<std::size_t>(i)] = normal;
        sum += groups.centred ? g : 0;
        product += g * normal;
        dscale[k] += dy[i] * normal;
        dbias[k] += dy[i];
      }
      for (std::int64_t i = 0; i < n; ++i) {
        const auto k = static_cast<std::size_t>(index(group, i));
        const double g = static_cast<double>(dy[i]) * static_cast<double>(scale[k]);
        dx[i] = static_cast<T>(
            (g - (sum + h[static_cast<std::size_t>(i)] * product) / static_cast<double>(n)) *
            inverse);
      }
    }
    const auto finish = [&](std::size_t input, const std::vector<double>& sums) {
      all.at(input) = Tensor(TensorType{b.type(), b.call.shape(input)});
      for (std::size_t k = 0; k < sums.size(); ++k) {
        elements_of<T>(all[input])[k] = static_cast<T>(sums[k]);
      }
    };
    if (b.wanted[1]) {
      finish(1, dscale);
    }
    if (b.inputs.size() > 2 && b.wanted[2]) {
      finish(2, dbias);
    }
  });
  return all;
}

}  // namespace offcut::train
