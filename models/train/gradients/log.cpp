// The derivative of Log: 1 / x.

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct LogSlope {
  explicit LogSlope(const Attributes&) {}
  template <class T>
  T operator()(T x) const {
    return 1 / x;
  }
};

}  // namespace

void register_log(Registry<Gradient>& registry) {
  registry.add(unary_gradient<LogSlope, Reads::input>("Log", "1 / x"));
}

}  // namespace offcut::train
