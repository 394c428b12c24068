// Applies an optimiser's rule to all weights and keeps its state; norms and clipping of gradients.
// All loops run in the order of memory.

#include "models/train/optimizer.h"

#include <cmath>

namespace offcut::train {

void Optimizer::step(std::span<Tensor* const> values, std::span<const Tensor> gradients,
                     double rate) {
  ++state_.steps;
  state_.moments.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (gradients[i].absent()) {
      continue;
    }
    std::vector<Tensor>& moments = state_.moments[i];
    while (moments.size() < kind_->moments) {
      moments.emplace_back(values[i]->type());
    }
    std::vector<std::span<float>> spans;
    for (Tensor& moment : moments) {
      spans.push_back(moment.values<float>());
    }
    kind_->update(parameters_, {values[i]->values<float>(), gradients[i].values<float>(),
                                std::move(spans), rate, state_.steps});
  }
}

double norm_of(std::span<const Tensor> gradients) {
  double squares = 0;
  for (const Tensor& gradient : gradients) {
    if (!gradient.absent()) {
      for (const float value : gradient.values<float>()) {
        squares += static_cast<double>(value) * value;
      }
    }
  }
  return std::sqrt(squares);
}

double clip_norm(std::span<Tensor> gradients, double most) {
  constexpr double kSmall = 1e-6;  // PyTorch's, which keeps the quotient finite.
  const double norm = norm_of(gradients);
  const double factor = most / (norm + kSmall);
  if (factor < 1) {
    for (Tensor& gradient : gradients) {
      if (!gradient.absent()) {
        Tensor scaled(gradient.type());
        const auto from = gradient.values<float>();
        for (std::size_t i = 0; i < from.size(); ++i) {
          scaled.values<float>()[i] = from[i] * static_cast<float>(factor);
        }
        gradient = scaled;
      }
    }
  }
  return norm;
}

}  // namespace offcut::train
