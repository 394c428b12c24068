// `nesterov`: v = momentum * v + g + decay * w, w -= rate * (g + decay * w + momentum * v), as in
// PyTorch.

#include "models/train/optimizer.h"

namespace offcut::train {
namespace {

void update_nesterov(const Parameters& parameters, const Update& update) {
  const auto rate = static_cast<float>(update.rate);
  const auto momentum = static_cast<float>(parameters.at("momentum"));
  const auto decay = static_cast<float>(parameters.at("decay"));
  const std::span<float> velocity = update.moments[0];
  for (std::size_t i = 0; i < update.value.size(); ++i) {
    const float gradient = update.gradient[i] + decay * update.value[i];
    velocity[i] = momentum * velocity[i] + gradient;
    update.value[i] -= rate * (gradient + momentum * velocity[i]);
  }
}

}  // namespace

void register_nesterov(Registry<OptimizerKind>& registry) {
  registry.add({.name = "nesterov",
                .doc = "v = momentum * v + g; w -= rate * (g + momentum * v)",
                .citation = "Nesterov, 1983; Sutskever et al., ICML 2013",
                .parameters = {{.name = "momentum",
                                .fallback = 0.9,
                                .most = 1,
                                .doc = "the share of the last step that is kept"},
                               {.name = "decay",
                                .fallback = 0,
                                .most = 1,
                                .doc = "the weight of the penalty decay / 2 * w^2"}},
                .moments = 1,
                .update = update_nesterov});
}

}  // namespace offcut::train
