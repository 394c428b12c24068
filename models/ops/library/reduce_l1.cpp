// ReduceL1: the sum of |x| over the axes `axes`, in double.

#include <cmath>

#include "models/ops/reduction.h"

namespace offcut::ops {
namespace {

struct ReducedMagnitude {
  using Value = double;
  static constexpr Value kStart = 0;
  static Value merge(Value sum, double x) { return sum + std::abs(x); }
  static float finish(Value sum, std::int64_t) { return static_cast<float>(sum); }
};

}  // namespace

void register_reduce_l1(Registry<Operator>& registry) {
  registry.add({.name = "ReduceL1",
                .doc = "the sum of |x| over some axes",
                .kind = always<LayerKind::pooling>,
                .infer = infer_float_reduction,
                .macs = no_macs,
                .forward = forward_float_reduction<ReducedMagnitude>});
}

}  // namespace offcut::ops
