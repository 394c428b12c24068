// The derivative of Selu: gamma, or gamma * alpha * exp(x) where x < 0.

#include <cmath>

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct SeluSlope {
  float alpha, gamma;

  explicit SeluSlope(const Attributes& attributes)
      : alpha(attributes.number("alpha", 1.67326319F)),
        gamma(attributes.number("gamma", 1.05070102F)) {}
  template <class T>
  T operator()(T x) const {
    return as<T>(gamma) * (x > 0 ? T{1} : as<T>(alpha) * std::exp(x));
  }
};

}  // namespace

void register_selu(Registry<Gradient>& registry) {
  registry.add(unary_gradient<SeluSlope, Reads::input>(
      "Selu", "gamma, or gamma * alpha * exp(x) where x < 0"));
}

}  // namespace offcut::train
