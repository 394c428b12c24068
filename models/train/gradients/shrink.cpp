// The derivative of Shrink: 1 where |x| > lambd, else 0.

#include <cmath>

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct ShrinkSlope {
  float lambda;

  explicit ShrinkSlope(const Attributes& attributes) : lambda(attributes.number("lambd", 0.5F)) {}
  template <class T>
  T operator()(T x) const {
    return std::abs(x) > as<T>(lambda) ? T{1} : T{0};
  }
};

}  // namespace

void register_shrink(Registry<Gradient>& registry) {
  registry.add(unary_gradient<ShrinkSlope, Reads::input>("Shrink", "1 where |x| > lambd, else 0"));
}

}  // namespace offcut::train
