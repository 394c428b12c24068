// ReduceL2: the square root of the sum of squares over the axes `axes`, in double.

#include <cmath>

#include "models/ops/reduction.h"

namespace offcut::ops {
namespace {

struct Length {
  using Value = double;
  static constexpr Value kStart = 0;
  static Value merge(Value sum, double x) { return sum + x * x; }
  static float finish(Value sum, std::int64_t) { return static_cast<float>(std::sqrt(sum)); }
};

}  // namespace

void register_reduce_l2(Registry<Operator>& registry) {
  registry.add({.name = "ReduceL2",
                .doc = "the root of the sum of squares over some axes",
                .kind = always<LayerKind::pooling>,
                .infer = infer_float_reduction,
                .macs = no_macs,
                .forward = forward_float_reduction<Length>});
}

}  // namespace offcut::ops
