// The derivative of Sin: cos(x).

#include <cmath>

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct SinSlope {
  explicit SinSlope(const Attributes&) {}
  template <class T>
  T operator()(T x) const {
    return std::cos(x);
  }
};

}  // namespace

void register_sin(Registry<Gradient>& registry) {
  registry.add(unary_gradient<SinSlope, Reads::input>("Sin", "cos(x)"));
}

}  // namespace offcut::train
