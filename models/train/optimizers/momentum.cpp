// `momentum`: v = momentum * v + g + decay * w, w -= rate * v, as in PyTorch.

#include "models/train/momentum_step.h"

namespace offcut::train {
namespace {

void update_momentum(const Parameters& parameters, const Update& update) {
  momentum_step(parameters, update,
                [](float /*gradient*/, float velocity, float /*momentum*/) { return velocity; });
}

}  // namespace

void register_momentum(Registry<OptimizerKind>& registry) {
  registry.add({.name = "momentum",
                .doc = "v = momentum * v + g; w -= rate * v",
                .citation = "Polyak, USSR Comp. Math. 4(5), 1964",
                .parameters = momentum_parameters(),
                .moments = 1,
                .update = update_momentum});
}

}  // namespace offcut::train
