// `momentum`: v = momentum * v + g + decay * w, w -= rate * v, as in PyTorch.

#include "models/train/optimizer.h"

namespace offcut::train {
namespace {

void update_momentum(const Parameters& parameters, const Update& update) {
  const auto rate = static_cast<float>(update.rate);
  const auto momentum = static_cast<float>(parameters.at("momentum"));
  const auto decay = static_cast<float>(parameters.at("decay"));
  const std::span<float> velocity = update.moments[0];
  for (std::size_t i = 0; i < update.value.size(); ++i) {
    const float gradient = update.gradient[i] + decay * update.value[i];
    velocity[i] = momentum * velocity[i] + gradient;
    update.value[i] -= rate * velocity[i];
  }
}

}  // namespace

void register_momentum(Registry<OptimizerKind>& registry) {
  registry.add({.name = "momentum",
                .doc = "v = momentum * v + g; w -= rate * v",
                .citation = "Polyak, USSR Comp. Math. 4(5), 1964",
                .parameters = {{.name = "momentum",
                                .fallback = 0.9,
                                .most = 1,
                                .doc = "the share of the last step that is kept"},
                               {.name = "decay",
                                .fallback = 0,
                                .most = 1,
                                .doc = "the weight of the penalty decay / 2 * w^2"}},
                .moments = 1,
                .update = update_momentum});
}

}  // namespace offcut::train
