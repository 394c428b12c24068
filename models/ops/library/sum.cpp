// Sum: a + b + .., element by element, with broadcasting. Integers wrap around.

#include <functional>

#include "models/ops/binary.h"

namespace offcut::ops {
namespace {

struct Total {
  template <class T>
  T operator()(T a, T b) const {
    return wrapping(a, b, std::plus<>());
  }
};

}  // namespace

void register_sum(Registry<Operator>& registry) {
  registry.add({.name = "Sum",
                .doc = "the sum of the inputs, with broadcasting",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_many,
                .macs = no_macs,
                .forward = forward_many<Total>});
}

}  // namespace offcut::ops
