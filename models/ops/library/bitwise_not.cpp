// BitwiseNot: each bit of each integer inverted.

#include <algorithm>

#include "models/ops/arguments.h"
#include "models/ops/bitwise.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_bitwise_not(const Call& call) {
  require_inputs(call, 1, 1);
  require_integers(call);
  return {call.inputs[0]};
}

std::vector<Tensor> forward_bitwise_not(const Call&, std::span<const Tensor> inputs) {
  return {with_integer_type(inputs[0].type().type, [&](auto zero) {
    using T = decltype(zero);
    Tensor output(inputs[0].type());
    const auto from = inputs[0].values<T>();
    std::transform(from.begin(), from.end(), output.values<T>().begin(),
                   [](T x) { return static_cast<T>(~x); });
    return output;
  })};
}

}  // namespace

void register_bitwise_not(Registry<Operator>& registry) {
  registry.add({.name = "BitwiseNot",
                .doc = "not x, bit by bit, for integers",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_bitwise_not,
                .macs = no_macs,
                .forward = forward_bitwise_not});
}

}  // namespace offcut::ops
