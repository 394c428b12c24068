// `adam`: m and v are moving means of g and g^2, and w -= rate * m' / (sqrt(v') + epsilon), where
// m' and v' are corrected for their start at 0; g includes decay * w, as in PyTorch.

#include "models/train/adam_step.h"

namespace offcut::train {
namespace {

void update_adam(const Parameters& parameters, const Update& update) {
  const auto decay = static_cast<float>(parameters.at("decay"));
  adam_step(parameters, update,
            [&](float gradient, float& value) { return gradient + decay * value; });
}

}  // namespace

void register_adam(Registry<OptimizerKind>& registry) {
  registry.add({.name = "adam",
                .doc = "w -= rate * m / (sqrt(v) + epsilon), with moving means of g and g^2",
                .citation = "Kingma, Ba, ICLR 2015, algorithm 1",
                .parameters = adam_parameters({.name = "decay",
                                               .fallback = 0,
                                               .most = 1,
                                               .doc = "the weight of the penalty decay / 2 * w^2"}),
                .moments = 2,
                .update = update_adam});
}

}  // namespace offcut::train
