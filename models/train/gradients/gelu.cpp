// The derivative of Gelu, x * Phi(x): Phi(x) + x * phi(x), with the distribution function and the
// density of the normal distribution, or that of the approximation with tanh.

#include <cmath>
#include <numbers>

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct GeluSlope {
  bool is_approximate;

  explicit GeluSlope(const Attributes& attributes)
      : is_approximate(attributes.text("approximate", "none") == "tanh") {}
  template <class T>
  T operator()(T x) const {
    if (!is_approximate) {
      const T distribution = (1 + std::erf(x / as<T>(std::numbers::sqrt2))) / 2;
      const T density = std::exp(-x * x / 2) / as<T>(std::sqrt(2 * std::numbers::pi));
      return distribution + x * density;
    }
    const T scale = as<T>(std::sqrt(2 / std::numbers::pi));
    const T cubic = as<T>(0.044715);
    const T t = std::tanh(scale * (x + cubic * x * x * x));
    return (1 + t + x * (1 - t * t) * scale * (1 + 3 * cubic * x * x)) / 2;
  }
};

}  // namespace

void register_gelu(Registry<Gradient>& registry) {
  registry.add(unary_gradient<GeluSlope, Reads::input>("Gelu", "Phi(x) + x * phi(x)"));
}

}  // namespace offcut::train
