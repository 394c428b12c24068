// Identity: the input itself, of any element type. No copy.

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_identity(const Call& call) {
  require_inputs(call, 1, 1);
  return {call.inputs[0]};
}

std::vector<Tensor> forward_identity(const Call&, std::span<const Tensor> inputs) {
  return {inputs[0]};
}

}  // namespace

void register_identity(Registry<Operator>& registry) {
  registry.add({.name = "Identity",
                .doc = "the input itself",
                .kind = always<LayerKind::view>,
                .infer = infer_identity,
                .macs = no_macs,
                .forward = forward_identity});
}

}  // namespace offcut::ops
