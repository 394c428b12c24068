// `mse`: the mean of (prediction - value)^2 over all elements.

#include <fmt/format.h>

#include <stdexcept>

#include "models/train/floats.h"
#include "models/train/loss.h"

namespace offcut::train {
namespace {

LossValue mean_squared_error(const Parameters&, const Tensor& prediction, const Target& target) {
  if (target.values.absent() || target.values.type().type != prediction.type().type ||
      target.values.size() != prediction.size()) {
    throw std::invalid_argument(fmt::format(
        "the values are {}, expected {} numbers",
        target.values.absent() ? "missing" : to_text(target.values.type()), prediction.size()));
  }
  LossValue value{0, Tensor(prediction.type())};
  const double share = 1 / static_cast<double>(prediction.size());
  with_float(prediction.type().type, [&](auto zero) {
    using T = decltype(zero);
    for (std::int64_t i = 0; i < prediction.size(); ++i) {
      const double error = static_cast<double>(elements_of<T>(prediction)[i]) -
                           static_cast<double>(elements_of<T>(target.values)[i]);
      value.loss += error * error * share;
      elements_of<T>(value.slope)[i] = static_cast<T>(2 * error * share);
    }
  });
  return value;
}

}  // namespace

void register_mse(Registry<Loss>& registry) {
  registry.add({.name = "mse",
                .doc = "the mean of (prediction - value)^2",
                .citation = "Goodfellow, Bengio, Courville, Deep Learning, 2016, section 5.1",
                .evaluate = mean_squared_error});
}

}  // namespace offcut::train
