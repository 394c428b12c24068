// The derivative of Celu: 1, or exp(x / alpha) where x < 0.

#include <cmath>

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct CeluSlope {
  float alpha;

  explicit CeluSlope(const Attributes& attributes) : alpha(attributes.number("alpha", 1)) {}
  template <class T>
  T operator()(T x) const {
    return x > 0 ? T{1} : std::exp(x / as<T>(alpha));
  }
};

}  // namespace

void register_celu(Registry<Gradient>& registry) {
  registry.add(unary_gradient<CeluSlope, Reads::input>("Celu", "1, or exp(x / alpha) where x < 0"));
}

}  // namespace offcut::train
