// `adamw`: adam without the penalty in the gradient; w first loses rate * decay * w.

#include "models/train/adam_step.h"

namespace offcut::train {
namespace {

void update_adamw(const Parameters& parameters, const Update& update) {
  const auto rate = static_cast<float>(update.rate);
  const auto decay = static_cast<float>(parameters.at("decay"));
  adam_step(parameters, update, [&](float gradient, float& value) {
    value *= 1 - rate * decay;
    return gradient;
  });
}

}  // namespace

void register_adamw(Registry<OptimizerKind>& registry) {
  registry.add({.name = "adamw",
                .doc = "adam, and w -= rate * decay * w",
                .citation = "Loshchilov, Hutter, ICLR 2019, algorithm 2",
                .parameters = adam_parameters(
                    {.name = "decay",
                     .fallback = 0.01,
                     .most = 1,
                     .doc = "the share of a weight that a step of rate 1 takes off"}),
                .moments = 2,
                .update = update_adamw});
}

}  // namespace offcut::train
