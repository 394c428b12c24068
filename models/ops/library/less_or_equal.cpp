// LessOrEqual: a <= b, element by element, with broadcasting.

#include "models/ops/comparison.h"

namespace offcut::ops {
namespace {

struct LessOrEqualHolds {
  template <class T>
  bool operator()(T a, T b) const {
    return a <= b;
  }
};

}  // namespace

void register_less_or_equal(Registry<Operator>& registry) {
  registry.add({.name = "LessOrEqual",
                .doc = "a <= b, with broadcasting",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_order,
                .macs = no_macs,
                .forward = forward_comparison<LessOrEqualHolds>});
}

}  // namespace offcut::ops
