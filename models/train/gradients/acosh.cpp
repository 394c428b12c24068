// The derivative of Acosh: 1 / sqrt(x^2 - 1).

#include <cmath>

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct AcoshSlope {
  explicit AcoshSlope(const Attributes&) {}
  template <class T>
  T operator()(T x) const {
    return 1 / std::sqrt(x * x - 1);
  }
};

}  // namespace

void register_acosh(Registry<Gradient>& registry) {
  registry.add(unary_gradient<AcoshSlope, Reads::input>("Acosh", "1 / sqrt(x^2 - 1)"));
}

}  // namespace offcut::train
