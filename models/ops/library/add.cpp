// Add: a + b, element by element, with numpy's broadcasting. Integers wrap around.

#include <functional>

#include "models/ops/binary.h"

namespace offcut::ops {
namespace {

struct AddSum {
  template <class T>
  T operator()(T a, T b) const {
    return wrapping(a, b, std::plus<>());
  }
};

}  // namespace

void register_add(Registry<Operator>& registry) {
  registry.add({.name = "Add",
                .doc = "a + b, with broadcasting",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_binary,
                .macs = no_macs,
                .forward = forward_binary<AddSum>});
}

}  // namespace offcut::ops
