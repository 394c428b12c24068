// The derivative of Acos: -1 / sqrt(1 - x^2).

#include <cmath>

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct AcosSlope {
  explicit AcosSlope(const Attributes&) {}
  template <class T>
  T operator()(T x) const {
    return -1 / std::sqrt(1 - x * x);
  }
};

}  // namespace

void register_acos(Registry<Gradient>& registry) {
  registry.add(unary_gradient<AcosSlope, Reads::input>("Acos", "-1 / sqrt(1 - x^2)"));
}

}  // namespace offcut::train
