// ReduceMin: the smallest element over the axes `axes`. A NaN wins. From opset 20 on also of
// bools, of which true is the greater.

#include <limits>

#include "models/ops/reduction.h"

namespace offcut::ops {
namespace {

template <class T>
struct Least {
  using Value = T;
  static constexpr Value kStart = std::numeric_limits<T>::has_infinity
                                      ? std::numeric_limits<T>::infinity()
                                      : std::numeric_limits<T>::max();
  static Value merge(Value a, T x) { return x != x || x < a ? x : a; }
  static T finish(Value value, std::int64_t) { return value; }
};

std::vector<TensorType> infer_reduce_min(const Call& call) { return infer_extreme(call); }

std::vector<Tensor> forward_reduce_min(const Call& call, std::span<const Tensor> inputs) {
  return forward_extreme<Least>(call, inputs[0]);
}

}  // namespace

void register_reduce_min(Registry<Operator>& registry) {
  registry.add({.name = "ReduceMin",
                .doc = "the smallest element over some axes",
                .kind = always<LayerKind::pooling>,
                .infer = infer_reduce_min,
                .macs = no_macs,
                .forward = forward_reduce_min});
}

}  // namespace offcut::ops
