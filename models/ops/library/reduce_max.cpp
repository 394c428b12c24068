// ReduceMax: the greatest element over the axes `axes`. A NaN wins. From opset 20 on also of
// bools, of which true is the greater.

#include <limits>

#include "models/ops/reduction.h"

namespace offcut::ops {
namespace {

template <class T>
struct ReducedMaximum {
  using Value = T;
  static constexpr Value kStart = std::numeric_limits<T>::has_infinity
                                      ? -std::numeric_limits<T>::infinity()
                                      : std::numeric_limits<T>::min();
  static Value merge(Value a, T x) { return x != x || x > a ? x : a; }
  static T finish(Value value, std::int64_t) { return value; }
};

std::vector<TensorType> infer_reduce_max(const Call& call) { return infer_extreme(call); }

std::vector<Tensor> forward_reduce_max(const Call& call, std::span<const Tensor> inputs) {
  return forward_extreme<ReducedMaximum>(call, inputs[0]);
}

}  // namespace

void register_reduce_max(Registry<Operator>& registry) {
  registry.add({.name = "ReduceMax",
                .doc = "the greatest element over some axes",
                .kind = always<LayerKind::pooling>,
                .infer = infer_reduce_max,
                .macs = no_macs,
                .forward = forward_reduce_max});
}

}  // namespace offcut::ops
