// Or: a or b, for each pair of bools, with broadcasting.

#include "models/ops/comparison.h"

namespace offcut::ops {
namespace {

struct OrHolds {
  template <class T>
  bool operator()(T a, T b) const {
    return a || b;
  }
};

}  // namespace

void register_or(Registry<Operator>& registry) {
  registry.add({.name = "Or",
                .doc = "a or b, with broadcasting",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_logic,
                .macs = no_macs,
                .forward = forward_logic<OrHolds>});
}

}  // namespace offcut::ops
