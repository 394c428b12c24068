// ReduceSumSquare: the sum of squares over the axes `axes`, in double.

#include <cmath>

#include "models/ops/reduction.h"

namespace offcut::ops {
namespace {

struct Squares {
  using Value = double;
  static constexpr Value kStart = 0;
  static Value merge(Value sum, double x) { return sum + x * x; }
  static float finish(Value sum, std::int64_t) { return static_cast<float>(sum); }
};

}  // namespace

void register_reduce_sum_square(Registry<Operator>& registry) {
  registry.add({.name = "ReduceSumSquare",
                .doc = "the sum of squares over some axes",
                .kind = always<LayerKind::pooling>,
                .infer = infer_float_reduction,
                .macs = no_macs,
                .forward = forward_float_reduction<Squares>});
}

}  // namespace offcut::ops
