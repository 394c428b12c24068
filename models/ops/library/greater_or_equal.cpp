// GreaterOrEqual: a >= b, element by element, with broadcasting.

#include "models/ops/comparison.h"

namespace offcut::ops {
namespace {

struct GreaterOrEqualHolds {
  template <class T>
  bool operator()(T a, T b) const {
    return a >= b;
  }
};

}  // namespace

void register_greater_or_equal(Registry<Operator>& registry) {
  registry.add({.name = "GreaterOrEqual",
                .doc = "a >= b, with broadcasting",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_order,
                .macs = no_macs,
                .forward = forward_comparison<GreaterOrEqualHolds>});
}

}  // namespace offcut::ops
