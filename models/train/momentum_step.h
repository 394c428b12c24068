#pragma once

#include <vector>

#include "models/train/optimizer.h"

namespace offcut::train {

/// The parameters of gradient descent with momentum, Nesterov's included.
inline std::vector<ParameterSpec> momentum_parameters() {
  return {{.name = "momentum",
           .fallback = 0.9,
           .most = 1,
           .doc = "the share of the last step that is kept"},
          {.name = "decay",
           .fallback = 0,
           .most = 1,
           .doc = "the weight of the penalty decay / 2 * w^2"}};
}

/// Adds each gradient to its velocity, and moves each weight by the rate times
/// direction(gradient, velocity, momentum).
template <class Direction>
void momentum_step(const Parameters& parameters, const Update& update, Direction direction) {
  const auto rate = static_cast<float>(update.rate);
  const auto momentum = static_cast<float>(parameters.at("momentum"));
  const auto decay = static_cast<float>(parameters.at("decay"));
  const std::span<float> velocity = update.moments[0];
  for (std::size_t i = 0; i < update.value.size(); ++i) {
    const float gradient = update.gradient[i] + decay * update.value[i];
    velocity[i] = momentum * velocity[i] + gradient;
    update.value[i] -= rate * direction(gradient, velocity[i], momentum);
  }
}

}  // namespace offcut::train
