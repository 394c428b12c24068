// ReduceMean: the mean over the axes `axes`, summed in double.

#include "models/ops/reduction.h"

namespace offcut::ops {
namespace {

struct ReducedMean {
  using Value = double;
  static constexpr Value kStart = 0;
  static Value merge(Value sum, double x) { return sum + x; }
  static float finish(Value sum, std::int64_t count) {
    return static_cast<float>(sum / static_cast<double>(count));
  }
};

}  // namespace

void register_reduce_mean(Registry<Operator>& registry) {
  registry.add({.name = "ReduceMean",
                .doc = "the mean over some axes",
                .kind = always<LayerKind::pooling>,
                .infer = infer_float_reduction,
                .macs = no_macs,
                .forward = forward_float_reduction<ReducedMean>});
}

}  // namespace offcut::ops
