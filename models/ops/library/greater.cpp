// Greater: a > b, element by element, with broadcasting.

#include "models/ops/comparison.h"

namespace offcut::ops {
namespace {

struct GreaterHolds {
  template <class T>
  bool operator()(T a, T b) const {
    return a > b;
  }
};

}  // namespace

void register_greater(Registry<Operator>& registry) {
  registry.add({.name = "Greater",
                .doc = "a > b, with broadcasting",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_order,
                .macs = no_macs,
                .forward = forward_comparison<GreaterHolds>});
}

}  // namespace offcut::ops
