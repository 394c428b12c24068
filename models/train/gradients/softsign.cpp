// The derivative of Softsign: 1 / (1 + |x|)^2.

#include <cmath>

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct SoftsignSlope {
  explicit SoftsignSlope(const Attributes&) {}
  template <class T>
  T operator()(T x) const {
    const T root = 1 + std::abs(x);
    return 1 / (root * root);
  }
};

}  // namespace

void register_softsign(Registry<Gradient>& registry) {
  registry.add(unary_gradient<SoftsignSlope, Reads::input>("Softsign", "1 / (1 + |x|)^2"));
}

}  // namespace offcut::train
