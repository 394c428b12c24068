// Max: the greatest of the inputs, element by element, with broadcasting. A NaN wins.

#include "models/ops/binary.h"

namespace offcut::ops {
namespace {

struct Greater {
  template <class T>
  T operator()(T a, T b) const {
    return a != a || a > b ? a : b;
  }
};

}  // namespace

void register_max(Registry<Operator>& registry) {
  registry.add({.name = "Max",
                .doc = "the greatest of the inputs, with broadcasting",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_many,
                .macs = no_macs,
                .forward = forward_many<Greater>});
}

}  // namespace offcut::ops
