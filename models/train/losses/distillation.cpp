// `distillation`: (1 - share) * CE(label, softmax(z)) + share * T^2 * KL(softmax(t / T) ||
// softmax(z / T)), where z are the logits of the student and t those of the teacher (Hinton,
// Vinyals, Dean, "Distilling the knowledge in a neural network", 2015, section 2). The mean over
// the samples; T^2 keeps the gradients of both parts at one scale.

#include <fmt/format.h>

#include <stdexcept>

#include "models/train/floats.h"
#include "models/train/softened.h"

namespace offcut::train {
namespace {

LossValue distillation(const Parameters& parameters, const Tensor& prediction,
                       const Target& target) {
  const ClassAxis axis(prediction.shape());
  const auto labels = checked_labels(axis, target);
  if (target.teacher.absent() || target.teacher.type() != prediction.type()) {
    throw std::invalid_argument(
        fmt::format("the teacher's logits are {}, the student's {}",
                    target.teacher.absent() ? "missing" : to_text(target.teacher.type()),
                    to_text(prediction.type())));
  }
  const double share = parameters.at("share");
  const double temperature = parameters.at("temperature");
  const double each = 1 / static_cast<double>(axis.samples());
  LossValue value{0, Tensor(prediction.type())};
  with_float(prediction.type().type, [&](auto zero) {
    using T = decltype(zero);
    const T* const z = elements_of<T>(prediction);
    for (std::int64_t sample = 0; sample < axis.samples(); ++sample) {
      const auto hard = log_probabilities(axis, z, sample, 1);
      const auto soft = log_probabilities(axis, z, sample, temperature);
      const auto teacher =
          log_probabilities(axis, elements_of<T>(target.teacher), sample, temperature);
      const auto label = static_cast<std::size_t>(labels[static_cast<std::size_t>(sample)]);
      value.loss -= (1 - share) * hard[label] * each;
      T* const slope = elements_of<T>(value.slope) + axis.start(sample);
      for (std::size_t c = 0; c < hard.size(); ++c) {
        const double p = std::exp(teacher[c]);
        value.loss += share * temperature * temperature * p * (teacher[c] - soft[c]) * each;
        const double of_label = std::exp(hard[c]) - (c == label ? 1 : 0);
        const double of_teacher = temperature * (std::exp(soft[c]) - p);
        slope[static_cast<std::int64_t>(c) * axis.places] =
            static_cast<T>(((1 - share) * of_label + share * of_teacher) * each);
      }
    }
  });
  return value;
}

}  // namespace

void register_distillation(Registry<Loss>& registry) {
  registry.add(
      {.name = "distillation",
       .doc = "(1 - share) * cross entropy + share * T^2 * KL(teacher || student) at temperature T",
       .citation = "Hinton, Vinyals, Dean, 2015",
       .parameters = {{.name = "share",
                       .fallback = 0.5,
                       .most = 1,
                       .doc = "the weight of the teacher's part of the loss"},
                      {.name = "temperature",
                       .fallback = 4,
                       .least = 0.01,
                       .doc = "T, by which the logits of both are divided"}},
       .absorbs = {"Softmax", "LogSoftmax"},
       .needs_teacher = true,
       .evaluate = distillation});
}

}  // namespace offcut::train
