// ReduceSum: the sum over the axes `axes` (an attribute up to opset 12, a constant input from 13
// on), in double for real numbers. Integers wrap around.

#include <functional>
#include <type_traits>

#include "models/ops/binary.h"
#include "models/ops/reduction.h"

namespace offcut::ops {
namespace {

template <class T>
struct ReducedSum {
  using Value = std::conditional_t<std::is_integral_v<T>, T, double>;
  static constexpr Value kStart = 0;
  static Value merge(Value a, T x) { return wrapping(a, static_cast<Value>(x), std::plus<>()); }
  static T finish(Value value, std::int64_t) { return static_cast<T>(value); }
};

std::vector<TensorType> infer_reduce_sum(const Call& call) {
  return infer_reduction(call, 13, true);
}

std::vector<Tensor> forward_reduce_sum(const Call& call, std::span<const Tensor> inputs) {
  return forward_number_reduction<ReducedSum>(call, inputs[0], 13);
}

}  // namespace

void register_reduce_sum(Registry<Operator>& registry) {
  registry.add({.name = "ReduceSum",
                .doc = "the sum over some axes",
                .kind = always<LayerKind::pooling>,
                .infer = infer_reduce_sum,
                .macs = no_macs,
                .forward = forward_reduce_sum});
}

}  // namespace offcut::ops
