// Min: the smallest of the inputs, element by element, with broadcasting. A NaN wins.

#include "models/ops/binary.h"

namespace offcut::ops {
namespace {

struct Lesser {
  template <class T>
  T operator()(T a, T b) const {
    return a != a || a < b ? a : b;
  }
};

}  // namespace

void register_min(Registry<Operator>& registry) {
  registry.add({.name = "Min",
                .doc = "the smallest of the inputs, with broadcasting",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_many,
                .macs = no_macs,
                .forward = forward_many<Lesser>});
}

}  // namespace offcut::ops
