// com.microsoft SkipSimplifiedLayerNormalization: s / sqrt(mean(s^2) + epsilon) * gamma over the
// last axis of s = input + skip + bias, and s as the fourth output. Inputs: input, skip, gamma,
// bias.

#include "models/ops/row_norm.h"

namespace offcut::ops {
namespace {

const SkipNormInputs kSkipSimplifiedInputs{.scale = 2, .shift = {}, .bias = 3};

std::vector<TensorType> infer_microsoft_skip_simplified(const Call& call) {
  return infer_skip_norm(call, kSkipSimplifiedInputs);
}

std::vector<Tensor> forward_microsoft_skip_simplified(const Call& call,
                                                      std::span<const Tensor> inputs) {
  return forward_skip_norm(call, inputs, kSkipSimplifiedInputs);
}

}  // namespace

void register_microsoft_skip_simplified_layer_normalization(Registry<Operator>& registry) {
  registry.add({.name = "com.microsoft.SkipSimplifiedLayerNormalization",
                .doc = "input + skip + bias, divided by its root mean square, times gamma",
                .kind = always<LayerKind::normalization>,
                .infer = infer_microsoft_skip_simplified,
                .macs = no_macs,
                .forward = forward_microsoft_skip_simplified,
                .float32_outputs = {1, 2}});
}

}  // namespace offcut::ops
