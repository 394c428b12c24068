// Mul: a * b, element by element, with numpy's broadcasting. Integers wrap around.

#include <functional>

#include "models/ops/binary.h"

namespace offcut::ops {
namespace {

struct MulProduct {
  template <class T>
  T operator()(T a, T b) const {
    return wrapping(a, b, std::multiplies<>());
  }
};

}  // namespace

void register_mul(Registry<Operator>& registry) {
  registry.add({.name = "Mul",
                .doc = "a * b, with broadcasting",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_binary,
                .macs = no_macs,
                .forward = forward_binary<MulProduct>});
}

}  // namespace offcut::ops
