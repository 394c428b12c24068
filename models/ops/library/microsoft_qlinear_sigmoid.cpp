// com.microsoft QLinearSigmoid: 1 / (1 + exp(-x)) of a quantised X as a quantised Y. Inputs: X, its
// scale and zero point, and those of Y.

#include <cmath>

#include "models/ops/quantized_map.h"

namespace offcut::ops {
namespace {

std::vector<Tensor> forward_microsoft_qlinear_sigmoid(const Call& call,
                                                      std::span<const Tensor> inputs) {
  return forward_quantized_unary(call, inputs, [](float x) { return 1 / (1 + std::exp(-x)); });
}

}  // namespace

void register_microsoft_qlinear_sigmoid(Registry<Operator>& registry) {
  registry.add({.name = "com.microsoft.QLinearSigmoid",
                .doc = "1 / (1 + exp(-x)) of a quantised tensor as a quantised one",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_quantized_unary,
                .macs = no_macs,
                .forward = forward_microsoft_qlinear_sigmoid});
}

}  // namespace offcut::ops
