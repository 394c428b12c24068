// Xor: a xor b, for each pair of bools, with broadcasting.

#include "models/ops/comparison.h"

namespace offcut::ops {
namespace {

struct XorHolds {
  template <class T>
  bool operator()(T a, T b) const {
    return a != b;
  }
};

}  // namespace

void register_xor(Registry<Operator>& registry) {
  registry.add({.name = "Xor",
                .doc = "a xor b, with broadcasting",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_logic,
                .macs = no_macs,
                .forward = forward_logic<XorHolds>});
}

}  // namespace offcut::ops
