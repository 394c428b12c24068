// ArgMin: the index of the smallest element along `axis`, as int64: the first of equal ones, or the
// last if select_last_index is set (from opset 12 on).

#include "models/ops/arg_choice.h"

namespace offcut::ops {
namespace {

std::vector<Tensor> forward_arg_min(const Call& call, std::span<const Tensor> inputs) {
  return forward_arg(call, inputs[0], false);
}

}  // namespace

void register_arg_min(Registry<Operator>& registry) {
  registry.add({.name = "ArgMin",
                .doc = "the index of the smallest element along an axis",
                .kind = always<LayerKind::pooling>,
                .infer = infer_arg,
                .macs = no_macs,
                .forward = forward_arg_min});
}

}  // namespace offcut::ops
