// ReduceLogSumExp: the logarithm of the sum of exp(x) over the axes `axes`, in double. The sum is
// kept relative to the greatest element so far, so nothing overflows.

#include <cmath>
#include <limits>

#include "models/ops/reduction.h"

namespace offcut::ops {
namespace {

template <class T>
struct Reduction {
  struct Value {
    double greatest, sum;  // The sum of exp(x - greatest).
  };
  static constexpr Value kStart = {-std::numeric_limits<double>::infinity(), 0};

  static Value merge(Value v, T element) {
    const auto x = static_cast<double>(element);
    if (x == v.greatest) {  // The difference of two infinities is undefined.
      return {x, v.sum + (std::isinf(x) && x < 0 ? 0 : 1)};
    }
    return x > v.greatest ? Value{x, v.sum * std::exp(v.greatest - x) + 1}
                          : Value{v.greatest, v.sum + std::exp(x - v.greatest)};
  }
  static T finish(Value v, std::int64_t) { return static_cast<T>(v.greatest + std::log(v.sum)); }
};

std::vector<TensorType> infer_reduce_log_sum_exp(const Call& call) {
  if (!call.has(0) || call.inputs[0].type != DataType::float64) {
    return infer_float_reduction(call);
  }
  return infer_reduction(call, kAxesAlwaysAttribute, false);
}

std::vector<Tensor> forward_reduce_log_sum_exp(const Call& call, std::span<const Tensor> inputs) {
  return inputs[0].type().type == DataType::float64
             ? forward_reduction_of<Reduction<double>, double>(call, inputs[0],
                                                               kAxesAlwaysAttribute)
             : forward_reduction_of<Reduction<float>, float>(call, inputs[0], kAxesAlwaysAttribute);
}

}  // namespace

void register_reduce_log_sum_exp(Registry<Operator>& registry) {
  registry.add({.name = "ReduceLogSumExp",
                .doc = "the logarithm of the sum of exp(x) over some axes",
                .kind = always<LayerKind::pooling>,
                .infer = infer_reduce_log_sum_exp,
                .macs = no_macs,
                .forward = forward_reduce_log_sum_exp});
}

}  // namespace offcut::ops
