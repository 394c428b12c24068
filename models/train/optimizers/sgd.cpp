// `sgd`: w -= rate * (g + decay * w), as in PyTorch.

#include "models/train/optimizer.h"

namespace offcut::train {
namespace {

void update_sgd(const Parameters& parameters, const Update& update) {
  const auto rate = static_cast<float>(update.rate);
  const auto decay = static_cast<float>(parameters.at("decay"));
  for (std::size_t i = 0; i < update.value.size(); ++i) {
    update.value[i] -= rate * (update.gradient[i] + decay * update.value[i]);
  }
}

}  // namespace

void register_sgd(Registry<OptimizerKind>& registry) {
  registry.add({.name = "sgd",
                .doc = "w -= rate * (g + decay * w)",
                .citation = "Robbins, Monro, Ann. Math. Stat. 22(3), 1951",
                .parameters = {{.name = "decay",
                                .fallback = 0,
                                .most = 1,
                                .doc = "the weight of the penalty decay / 2 * w^2"}},
                .moments = 0,
                .update = update_sgd});
}

}  // namespace offcut::train
