// The derivative of LeakyRelu: 1 where x > 0, else alpha.

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct LeakyReluSlope {
  float alpha;

  explicit LeakyReluSlope(const Attributes& attributes)
      : alpha(attributes.number("alpha", 0.01F)) {}
  template <class T>
  T operator()(T x) const {
    return x > 0 ? T{1} : as<T>(alpha);
  }
};

}  // namespace

void register_leaky_relu(Registry<Gradient>& registry) {
  registry.add(
      unary_gradient<LeakyReluSlope, Reads::input>("LeakyRelu", "1, or alpha where x <= 0"));
}

}  // namespace offcut::train
