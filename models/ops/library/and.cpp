// And: a and b, for each pair of bools, with broadcasting.

#include "models/ops/comparison.h"

namespace offcut::ops {
namespace {

struct AndHolds {
  template <class T>
  bool operator()(T a, T b) const {
    return a && b;
  }
};

}  // namespace

void register_and(Registry<Operator>& registry) {
  registry.add({.name = "And",
                .doc = "a and b, with broadcasting",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_logic,
                .macs = no_macs,
                .forward = forward_logic<AndHolds>});
}

}  // namespace offcut::ops
