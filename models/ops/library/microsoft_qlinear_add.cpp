// com.microsoft QLinearAdd: the sum of quantised A and B, which are broadcast, as a quantised C.
// Inputs: A, its scale and zero point, the same of B, and the scale and zero point of C.

#include "models/ops/quantized_map.h"

namespace offcut::ops {
namespace {

std::vector<Tensor> forward_microsoft_qlinear_add(const Call& call,
                                                  std::span<const Tensor> inputs) {
  return forward_quantized_binary(call, inputs, [](float a, float b) { return a + b; });
}

}  // namespace

void register_microsoft_qlinear_add(Registry<Operator>& registry) {
  registry.add({.name = "com.microsoft.QLinearAdd",
                .doc = "the sum of quantised tensors, with broadcasting, as a quantised one",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_quantized_binary,
                .macs = no_macs,
                .forward = forward_microsoft_qlinear_add});
}

}  // namespace offcut::ops
