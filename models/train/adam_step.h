#pragma once

#include <cmath>
#include <vector>

#include "models/train/optimizer.h"

namespace offcut::train {

/// The parameters of Adam and its variants, which differ in what `decay` does.
inline std::vector<ParameterSpec> adam_parameters(ParameterSpec decay) {
  return {
      {.name = "beta1", .fallback = 0.9, .most = 1, .doc = "the decay of the mean of gradients"},
      {.name = "beta2",
       .fallback = 0.999,
       .most = 1,
       .doc = "the decay of the mean of their squares"},
      {.name = "epsilon", .fallback = 1e-8, .doc = "added to the root of the squares"},
      std::move(decay)};
}

/// Makes a step of Adam (Kingma, Ba, ICLR 2015, algorithm 1). `gradient_of` returns the gradient of
/// a weight, given that of the loss, and may change the weight before its step.
template <class GradientOf>
void adam_step(const Parameters& parameters, const Update& update, GradientOf gradient_of) {
  const double first = parameters.at("beta1");
  const double second = parameters.at("beta2");
  const auto step = static_cast<double>(update.step);
  const auto scaled_rate = static_cast<float>(update.rate / (1 - std::pow(first, step)));
  const auto root = static_cast<float>(std::sqrt(1 - std::pow(second, step)));
  const auto beta1 = static_cast<float>(first);
  const auto beta2 = static_cast<float>(second);
  const auto new1 = static_cast<float>(1 - first);
  const auto new2 = static_cast<float>(1 - second);
  const auto epsilon = static_cast<float>(parameters.at("epsilon"));
  const std::span<float> mean = update.moments[0];
  const std::span<float> square = update.moments[1];
  for (std::size_t i = 0; i < update.value.size(); ++i) {
    const float gradient = gradient_of(update.gradient[i], update.value[i]);
    mean[i] = beta1 * mean[i] + new1 * gradient;
    square[i] = beta2 * square[i] + new2 * gradient * gradient;
    update.value[i] -= scaled_rate * mean[i] / (std::sqrt(square[i]) / root + epsilon);
  }
}

}  // namespace offcut::train
