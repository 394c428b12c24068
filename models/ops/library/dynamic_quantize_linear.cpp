// DynamicQuantizeLinear: the input as uint8, with the scale and zero point that make the most of
// its range, 0 included: scale = (max - min) / 255, zero point = -min / scale, rounded. An input of
// zeros alone gets the scale 1, as in ONNX Runtime.

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
  float least = 0;
  float most = 0;
  for (const float value : x) {
    least = std::min(least, value);
    most = std::max(most, value);
  }
  const float scale = most == least ? 1 : (most - least) / 255;
  const auto zero = quantized<std::uint8_t>(-least / scale, 0);
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
