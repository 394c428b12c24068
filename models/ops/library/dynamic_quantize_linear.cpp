// DynamicQuantizeLinear: the input as uint8, with the scale and zero point that cover exactly its
// range, 0 included: scale = (max - min) / 255, zero point = -min / scale, rounded. An input of
// only zeros gets the scale 1, as in ONNX Runtime.

#include <algorithm>

#include "models/ops/quantized.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_dynamic_quantize_linear(const Call& call) {
  require_inputs(call, 1, 1);
  return {{DataType::uint8, float_shape(call, 0)}, {DataType::float32, {}}, {DataType::uint8, {}}};
}

std::vector<Tensor> forward_dynamic_quantize_linear(const Call& call,
                                                    std::span<const Tensor> inputs) {
  const auto x = inputs[0].values<float>();
  float smallest = 0;
  float largest = 0;
  for (const float value : x) {
    smallest = std::min(smallest, value);
    largest = std::max(largest, value);
  }
  const float scale = largest == smallest ? 1 : (largest - smallest) / 255;
  const auto zero = quantized<std::uint8_t>(-smallest / scale, 0);
  Tensor y(infer_dynamic_quantize_linear(call).front());
  std::transform(x.begin(), x.end(), y.values<std::uint8_t>().begin(),
                 [&](float value) { return quantized<std::uint8_t>(value / scale, zero); });
  return {y, Tensor({}, std::span<const float>(&scale, 1)),
          Tensor({}, std::span<const std::uint8_t>(&zero, 1))};
}

}  // namespace

void register_dynamic_quantize_linear(Registry<Operator>& registry) {
  registry.add({.name = "DynamicQuantizeLinear",
                .doc = "the input as uint8 over its own range, with scale and zero point",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_dynamic_quantize_linear,
                .macs = no_macs,
                .forward = forward_dynamic_quantize_linear});
}

}  // namespace offcut::ops
