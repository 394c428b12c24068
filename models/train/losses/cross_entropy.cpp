// `cross-entropy`: the mean of -log softmax(logits)[label] over the samples. Its gradient is
// (softmax(logits) - one-hot(label)) / n.

#include "models/train/floats.h"
#include "models/train/softened.h"

namespace offcut::train {
namespace {

LossValue cross_entropy(const Parameters&, const Tensor& prediction, const Target& target) {
  const ClassAxis axis(prediction.shape());
  const auto labels = checked_labels(axis, target);
  LossValue value{0, Tensor(prediction.type())};
  const double share = 1 / static_cast<double>(axis.samples());
  with_float(prediction.type().type, [&](auto zero) {
    using T = decltype(zero);
    for (std::int64_t sample = 0; sample < axis.samples(); ++sample) {
      const auto logs = log_probabilities(axis, elements_of<T>(prediction), sample, 1);
      const auto label = static_cast<std::size_t>(labels[static_cast<std::size_t>(sample)]);
      value.loss -= logs[label] * share;
      T* const slope = elements_of<T>(value.slope) + axis.start(sample);
      for (std::size_t c = 0; c < logs.size(); ++c) {
        slope[static_cast<std::int64_t>(c) * axis.places] =
            static_cast<T>((std::exp(logs[c]) - (c == label ? 1 : 0)) * share);
      }
    }
  });
  return value;
}

}  // namespace

void register_cross_entropy(Registry<Loss>& registry) {
  registry.add({.name = "cross-entropy",
                .doc = "the mean of -log softmax(logits)[label]",
                .citation = "Goodfellow, Bengio, Courville, Deep Learning, 2016, section 6.2",
                .absorbs = {"Softmax", "LogSoftmax"},
                .evaluate = cross_entropy});
}

}  // namespace offcut::train
