// The derivative of Atan: 1 / (1 + x^2).

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct AtanSlope {
  explicit AtanSlope(const Attributes&) {}
  template <class T>
  T operator()(T x) const {
    return 1 / (1 + x * x);
  }
};

}  // namespace

void register_atan(Registry<Gradient>& registry) {
  registry.add(unary_gradient<AtanSlope, Reads::input>("Atan", "1 / (1 + x^2)"));
}

}  // namespace offcut::train
