// Checks of targets that losses share, and the count of right answers.

#include "models/train/loss.h"

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/train/floats.h"

namespace offcut::train {
namespace {

/// Returns how often the sign of a logit says the class, 0 or 1.
std::int64_t count_signs(const Tensor& prediction, const Tensor& labels) {
  ClassAxis axis(prediction.shape());
  axis.classes = 2;
  const auto truth = checked_labels(axis, {.labels = labels});
  return with_float(prediction.type().type, [&](auto zero) {
    const auto* const x = elements_of<decltype(zero)>(prediction);
    std::int64_t correct = 0;
    for (std::size_t i = 0; i < truth.size(); ++i) {
      correct += (x[i] > 0) == (truth[i] == 1) ? 1 : 0;
    }
    return correct;
  });
}

}  // namespace

ClassAxis::ClassAxis(const Shape& prediction) : batch(0), classes(0), places(0) {
  if (prediction.size() < 2) {
    throw std::invalid_argument(
        fmt::format("the prediction {} has no axis of classes", to_text(prediction)));
  }
  batch = prediction[0];
  classes = prediction[1];
  places = ops::extent_between(prediction, 2, prediction.size());
}

std::vector<std::int64_t> checked_labels(const ClassAxis& axis, const Target& target) {
  if (target.labels.absent()) {
    throw std::invalid_argument("the loss needs labels");
  }
  if (target.labels.size() != axis.samples()) {
    throw std::invalid_argument(fmt::format("there are {} labels for {} predictions",
                                            target.labels.size(), axis.samples()));
  }
  const auto labels = target.labels.values<std::int64_t>();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0 || labels[i] >= axis.classes) {
      throw std::invalid_argument(fmt::format("the label of sample {} is {}, expected 0 to {}", i,
                                              labels[i], axis.classes - 1));
    }
  }
  return {labels.begin(), labels.end()};
}

std::int64_t count_correct(const Tensor& prediction, const Tensor& labels) {
  const ClassAxis axis(prediction.shape());
  if (axis.classes == 1) {
    return count_signs(prediction, labels);
  }
  const auto truth = checked_labels(axis, {.labels = labels});
  return with_float(prediction.type().type, [&](auto zero) {
    const auto* const x = elements_of<decltype(zero)>(prediction);
    std::int64_t correct = 0;
    for (std::int64_t sample = 0; sample < axis.samples(); ++sample) {
      const std::int64_t start = axis.start(sample);
      std::int64_t best = 0;
      for (std::int64_t c = 1; c < axis.classes; ++c) {
        best = x[start + c * axis.places] > x[start + best * axis.places] ? c : best;
      }
      correct += best == truth[static_cast<std::size_t>(sample)] ? 1 : 0;
    }
    return correct;
  });
}

}  // namespace offcut::train
