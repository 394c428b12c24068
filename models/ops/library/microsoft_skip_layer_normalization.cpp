// com.microsoft SkipLayerNormalization: LayerNormalization over the last axis of input + skip +
// bias, and the sum itself as the fourth output. Inputs: input, skip, gamma, beta, bias.

#include "models/ops/row_norm.h"

namespace offcut::ops {
namespace {

const SkipNormInputs kSkipLayerNormInputs{.scale = 2, .shift = 3, .bias = 4};

std::vector<TensorType> infer_microsoft_skip_layer_normalization(const Call& call) {
  return infer_skip_norm(call, kSkipLayerNormInputs);
}

std::vector<Tensor> forward_microsoft_skip_layer_normalization(const Call& call,
                                                               std::span<const Tensor> inputs) {
  return forward_skip_norm(call, inputs, kSkipLayerNormInputs);
}

}  // namespace

void register_microsoft_skip_layer_normalization(Registry<Operator>& registry) {
  registry.add({.name = "com.microsoft.SkipLayerNormalization",
                .doc = "LayerNormalization of input + skip + bias over the last axis",
                .kind = always<LayerKind::normalization>,
                .infer = infer_microsoft_skip_layer_normalization,
                .macs = no_macs,
                .forward = forward_microsoft_skip_layer_normalization,
                .float32_outputs = {1, 2}});
}

}  // namespace offcut::ops
