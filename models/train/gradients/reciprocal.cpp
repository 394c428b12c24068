// The derivative of Reciprocal: -1 / x^2, which is -y^2.

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct ReciprocalSlope {
  explicit ReciprocalSlope(const Attributes&) {}
  template <class T>
  T operator()(T y) const {
    return -y * y;
  }
};

}  // namespace

void register_reciprocal(Registry<Gradient>& registry) {
  registry.add(unary_gradient<ReciprocalSlope, Reads::output>("Reciprocal", "-y^2"));
}

}  // namespace offcut::train
