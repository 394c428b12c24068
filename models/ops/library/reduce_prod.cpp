// ReduceProd: the product over the axes `axes`, in double for real numbers. Integers wrap around.

#include <functional>
#include <type_traits>

#include "models/ops/binary.h"
#include "models/ops/reduction.h"

namespace offcut::ops {
namespace {

template <class T>
struct ReducedProduct {
  using Value = std::conditional_t<std::is_integral_v<T>, T, double>;
  static constexpr Value kStart = 1;
  static Value merge(Value a, T x) {
    return wrapping(a, static_cast<Value>(x), std::multiplies<>());
  }
  static T finish(Value value, std::int64_t) { return static_cast<T>(value); }
};

std::vector<TensorType> infer_reduce_prod(const Call& call) {
  return infer_reduction(call, kAxesAlwaysAttribute, true);
}

std::vector<Tensor> forward_reduce_prod(const Call& call, std::span<const Tensor> inputs) {
  return forward_number_reduction<ReducedProduct>(call, inputs[0], kAxesAlwaysAttribute);
}

}  // namespace

void register_reduce_prod(Registry<Operator>& registry) {
  registry.add({.name = "ReduceProd",
                .doc = "the product over some axes",
                .kind = always<LayerKind::pooling>,
                .infer = infer_reduce_prod,
                .macs = no_macs,
                .forward = forward_reduce_prod});
}

}  // namespace offcut::ops
