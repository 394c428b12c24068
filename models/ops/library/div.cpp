// Div: a / b, element by element, with numpy's broadcasting. Integers are divided towards zero, as
// in ONNX Runtime. Integer division by zero is an error, and the one quotient that does not fit
// (the smallest integer by -1) wraps around to itself.

#include <functional>
#include <stdexcept>

#include "models/ops/binary.h"

namespace offcut::ops {
namespace {

struct Quotient {
  template <class T>
  T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>) {
      if (b == 0) {
        throw std::invalid_argument("integer division by zero");
      }
      if (b == -1) {
        return wrapping(T{0}, a, std::minus<>());
      }
    }
    return static_cast<T>(a / b);
  }
};

}  // namespace

void register_div(Registry<Operator>& registry) {
  registry.add({.name = "Div",
                .doc = "a / b, with broadcasting",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_binary,
                .macs = no_macs,
                .forward = forward_binary<Quotient>});
}

}  // namespace offcut::ops
