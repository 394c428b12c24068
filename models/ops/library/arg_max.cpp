// ArgMax: the index of the greatest element along `axis`, as int64: the first of equal ones, or the
// last if select_last_index is set (from opset 12 on).

#include "models/ops/arg_choice.h"

namespace offcut::ops {
namespace {

std::vector<Tensor> forward_arg_max(const Call& call, std::span<const Tensor> inputs) {
  return forward_arg(call, inputs[0], true);
}

}  // namespace

void register_arg_max(Registry<Operator>& registry) {
  registry.add({.name = "ArgMax",
                .doc = "the index of the greatest element along an axis",
                .kind = always<LayerKind::pooling>,
                .infer = infer_arg,
                .macs = no_macs,
                .forward = forward_arg_max});
}

}  // namespace offcut::ops
