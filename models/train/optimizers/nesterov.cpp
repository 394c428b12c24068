// `nesterov`: v = momentum * v + g + decay * w, w -= rate * (g + decay * w + momentum * v), as in
// PyTorch.

#include "models/train/momentum_step.h"

namespace offcut::train {
namespace {

void update_nesterov(const Parameters& parameters, const Update& update) {
  momentum_step(parameters, update, [](float gradient, float velocity, float momentum) {
    return gradient + momentum * velocity;
  });
}

}  // namespace

void register_nesterov(Registry<OptimizerKind>& registry) {
  registry.add({.name = "nesterov",
                .doc = "v = momentum * v + g; w -= rate * (g + momentum * v)",
                .citation = "Nesterov, 1983; Sutskever et al., ICML 2013",
                .parameters = momentum_parameters(),
                .moments = 1,
                .update = update_nesterov});
}

}  // namespace offcut::train
