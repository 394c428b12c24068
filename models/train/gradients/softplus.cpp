// The derivative of Softplus: 1 / (1 + exp(-x)).

#include <cmath>

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct SoftplusSlope {
  explicit SoftplusSlope(const Attributes&) {}
  template <class T>
  T operator()(T x) const {
    return 1 / (1 + std::exp(-x));
  }
};

}  // namespace

void register_softplus(Registry<Gradient>& registry) {
  registry.add(unary_gradient<SoftplusSlope, Reads::input>("Softplus", "sigmoid(x)"));
}

}  // namespace offcut::train
