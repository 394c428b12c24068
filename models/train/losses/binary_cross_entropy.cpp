// `binary-cross-entropy`: the mean of -t log s - (1 - t) log(1 - s) over all elements, where s is
// sigmoid(logit), computed as max(x, 0) - x t + log(1 + exp(-|x|)). Labels are 0 or 1; values may
// be probabilities.

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

#include "models/train/floats.h"
#include "models/train/loss.h"

namespace offcut::train {
namespace {

/// Returns the probabilities of the target.
std::vector<double> binary_target(const Tensor& prediction, const Target& target) {
  const Tensor& given = target.values.absent() ? target.labels : target.values;
  if (given.absent() || given.size() != prediction.size()) {
    throw std::invalid_argument(fmt::format("there are {} targets for {} predictions",
                                            given.absent() ? 0 : given.size(), prediction.size()));
  }
  std::vector<double> values(static_cast<std::size_t>(given.size()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = target.values.absent()
                    ? static_cast<double>(given.values<std::int64_t>()[i])
                    : with_float(given.type().type, [&](auto zero) {
                        return static_cast<double>(elements_of<decltype(zero)>(given)[i]);
                      });
    if (!(values[i] >= 0 && values[i] <= 1)) {
      throw std::invalid_argument(
          fmt::format("the target of sample {} is {}, expected 0 to 1", i, values[i]));
    }
  }
  return values;
}

LossValue binary_cross_entropy(const Parameters&, const Tensor& prediction, const Target& target) {
  const std::vector<double> truth = binary_target(prediction, target);
  LossValue value{0, Tensor(prediction.type())};
  const double share = 1 / static_cast<double>(prediction.size());
  with_float(prediction.type().type, [&](auto zero) {
    using T = decltype(zero);
    for (std::size_t i = 0; i < truth.size(); ++i) {
      const auto x = static_cast<double>(elements_of<T>(prediction)[i]);
      value.loss += (std::fmax(x, 0) - x * truth[i] + std::log1p(std::exp(-std::abs(x)))) * share;
      elements_of<T>(value.slope)[i] = static_cast<T>((1 / (1 + std::exp(-x)) - truth[i]) * share);
    }
  });
  return value;
}

}  // namespace

void register_binary_cross_entropy(Registry<Loss>& registry) {
  registry.add({.name = "binary-cross-entropy",
                .doc = "the mean of -t log sigmoid(x) - (1 - t) log(1 - sigmoid(x))",
                .citation = "Goodfellow, Bengio, Courville, Deep Learning, 2016, section 6.2",
                .absorbs = {"Sigmoid"},
                .evaluate = binary_cross_entropy});
}

}  // namespace offcut::train
