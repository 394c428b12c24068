// LeakyRelu: x, or alpha * x where x < 0. A NaN stays a NaN.

#include "models/ops/elementwise.h"

namespace offcut::ops {
namespace {

float slope(const Call& call) { return call.attributes.number("alpha", 0.01F); }

std::vector<TensorType> infer_leaky_relu(const Call& call) {
  slope(call);  // Throws for an attribute of another type.
  return same_as_input(call);
}

std::vector<Tensor> forward_leaky_relu(const Call& call, std::span<const Tensor> inputs) {
  const float alpha = slope(call);
  return {map_elements(inputs[0], [alpha](float x) { return x < 0 ? alpha * x : x; })};
}

}  // namespace

void register_leaky_relu(Registry<Operator>& registry) {
  registry.add({.name = "LeakyRelu",
                .doc = "x, or alpha * x where x < 0",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_leaky_relu,
                .macs = no_macs,
                .forward = forward_leaky_relu});
}

}  // namespace offcut::ops
