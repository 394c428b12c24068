// Sub: a - b, element by element, with numpy's broadcasting. Integers wrap around.

#include <functional>

#include "models/ops/binary.h"

namespace offcut::ops {
namespace {

struct Difference {
  template <class T>
  T operator()(T a, T b) const {
    return wrapping(a, b, std::minus<>());
  }
};

}  // namespace

void register_sub(Registry<Operator>& registry) {
  registry.add({.name = "Sub",
                .doc = "a - b, with broadcasting",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_binary,
                .macs = no_macs,
                .forward = forward_binary<Difference>});
}

}  // namespace offcut::ops
