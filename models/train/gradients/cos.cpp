// The derivative of Cos: -sin(x).

#include <cmath>

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct CosSlope {
  explicit CosSlope(const Attributes&) {}
  template <class T>
  T operator()(T x) const {
    return -std::sin(x);
  }
};

}  // namespace

void register_cos(Registry<Gradient>& registry) {
  registry.add(unary_gradient<CosSlope, Reads::input>("Cos", "-sin(x)"));
}

}  // namespace offcut::train
