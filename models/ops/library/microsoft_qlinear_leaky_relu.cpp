// com.microsoft QLinearLeakyRelu: x, or alpha * x where x < 0, of a quantised X as a quantised Y.
// Inputs: X, its scale and zero point, and those of Y.

#include "models/ops/quantized_map.h"

namespace offcut::ops {
namespace {

float qlinear_slope(const Call& call) { return call.attributes.number("alpha", 0.01F); }

std::vector<TensorType> infer_microsoft_qlinear_leaky_relu(const Call& call) {
  qlinear_slope(call);  // Throws for an attribute of another type.
  return infer_quantized_unary(call);
}

std::vector<Tensor> forward_microsoft_qlinear_leaky_relu(const Call& call,
                                                         std::span<const Tensor> inputs) {
  const float alpha = qlinear_slope(call);
  return forward_quantized_unary(call, inputs, [alpha](float x) { return x < 0 ? alpha * x : x; });
}

}  // namespace

void register_microsoft_qlinear_leaky_relu(Registry<Operator>& registry) {
  registry.add({.name = "com.microsoft.QLinearLeakyRelu",
                .doc = "x, or alpha * x where x < 0, of a quantised tensor as a quantised one",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_microsoft_qlinear_leaky_relu,
                .macs = no_macs,
                .forward = forward_microsoft_qlinear_leaky_relu});
}

}  // namespace offcut::ops
