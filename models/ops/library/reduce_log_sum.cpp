// ReduceLogSum: the logarithm of the sum over the axes `axes`, in double.

#include <cmath>

#include "models/ops/reduction.h"

namespace offcut::ops {
namespace {

struct Logarithm {
  using Value = double;
  static constexpr Value kStart = 0;
  static Value merge(Value sum, double x) { return sum + x; }
  static float finish(Value sum, std::int64_t) { return static_cast<float>(std::log(sum)); }
};

}  // namespace

void register_reduce_log_sum(Registry<Operator>& registry) {
  registry.add({.name = "ReduceLogSum",
                .doc = "the logarithm of the sum over some axes",
                .kind = always<LayerKind::pooling>,
                .infer = infer_float_reduction,
                .macs = no_macs,
                .forward = forward_float_reduction<Logarithm>});
}

}  // namespace offcut::ops
