// The derivative of Atanh: 1 / (1 - x^2).

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct AtanhSlope {
  explicit AtanhSlope(const Attributes&) {}
  template <class T>
  T operator()(T x) const {
    return 1 / (1 - x * x);
  }
};

}  // namespace

void register_atanh(Registry<Gradient>& registry) {
  registry.add(unary_gradient<AtanhSlope, Reads::input>("Atanh", "1 / (1 - x^2)"));
}

}  // namespace offcut::train
