// The derivative of Sqrt: 1 / (2 * y).

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct SqrtSlope {
  explicit SqrtSlope(const Attributes&) {}
  template <class T>
  T operator()(T y) const {
    return as<T>(0.5) / y;
  }
};

}  // namespace

void register_sqrt(Registry<Gradient>& registry) {
  registry.add(unary_gradient<SqrtSlope, Reads::output>("Sqrt", "1 / (2 * y)"));
}

}  // namespace offcut::train
