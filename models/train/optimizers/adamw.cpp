// `adamw`: adam without the penalty in the gradient; w first loses rate * decay * w.

#include <cmath>

#include "models/train/optimizer.h"

namespace offcut::train {
namespace {

void update_adamw(const Parameters& parameters, const Update& update) {
  const double first = parameters.at("beta1");
  const double second = parameters.at("beta2");
  const auto step = static_cast<double>(update.step);
  const auto rate = static_cast<float>(update.rate);
  const auto scaled_rate = static_cast<float>(update.rate / (1 - std::pow(first, step)));
  const auto root = static_cast<float>(std::sqrt(1 - std::pow(second, step)));
  const auto beta1 = static_cast<float>(first);
  const auto beta2 = static_cast<float>(second);
  const auto new1 = static_cast<float>(1 - first);
  const auto new2 = static_cast<float>(1 - second);
  const auto epsilon = static_cast<float>(parameters.at("epsilon"));
  const auto decay = static_cast<float>(parameters.at("decay"));
  const std::span<float> mean = update.moments[0];
  const std::span<float> square = update.moments[1];
  for (std::size_t i = 0; i < update.value.size(); ++i) {
    update.value[i] *= 1 - rate * decay;
    const float gradient = update.gradient[i];
    mean[i] = beta1 * mean[i] + new1 * gradient;
    square[i] = beta2 * square[i] + new2 * gradient * gradient;
    update.value[i] -= scaled_rate * mean[i] / (std::sqrt(square[i]) / root + epsilon);
  }
}

}  // namespace

void register_adamw(Registry<OptimizerKind>& registry) {
  registry.add({.name = "adamw",
                .doc = "adam, and w -= rate * decay * w",
                .citation = "Loshchilov, Hutter, ICLR 2019, algorithm 2",
                .parameters = {{.name = "beta1",
                                .fallback = 0.9,
                                .most = 1,
                                .doc = "the decay of the mean of gradients"},
                               {.name = "beta2",
                                .fallback = 0.999,
                                .most = 1,
                                .doc = "the decay of the mean of their squares"},
                               {.name = "epsilon",
                                .fallback = 1e-8,
                                .doc = "added to the root of the squares"},
                               {.name = "decay",
                                .fallback = 0.01,
                                .most = 1,
                                .doc = "the share of a weight that a step of rate 1 takes off"}},
                .moments = 2,
                .update = update_adamw});
}

}  // namespace offcut::train
