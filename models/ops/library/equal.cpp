// Equal: a == b, element by element, with broadcasting.

#include "models/ops/comparison.h"

namespace offcut::ops {
namespace {

struct EqualHolds {
  template <class T>
  bool operator()(T a, T b) const {
    return a == b;
  }
};

}  // namespace

void register_equal(Registry<Operator>& registry) {
  registry.add({.name = "Equal",
                .doc = "a == b, with broadcasting",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_equality,
                .macs = no_macs,
                .forward = forward_comparison<EqualHolds>});
}

}  // namespace offcut::ops
