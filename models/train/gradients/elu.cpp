// The derivative of Elu: 1, or alpha * exp(x) where x < 0.

#include <cmath>

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct EluSlope {
  float alpha;

  explicit EluSlope(const Attributes& attributes) : alpha(attributes.number("alpha", 1)) {}
  template <class T>
  T operator()(T x) const {
    return x > 0 ? T{1} : as<T>(alpha) * std::exp(x);
  }
};

}  // namespace

void register_elu(Registry<Gradient>& registry) {
  registry.add(unary_gradient<EluSlope, Reads::input>("Elu", "1, or alpha * exp(x) where x < 0"));
}

}  // namespace offcut::train
