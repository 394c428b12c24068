// DequantizeLinear: (x - zero point) * scale, of uint8, int8 or int32. One scale for all, from
// opset 13 on one per place along `axis`, or from 21 on one per block of `block_size` places.

#include <fmt/format.h>

#include "models/ops/quantized.h"

namespace offcut::ops {
namespace {

constexpr std::int64_t kFloat32 = 1;  // ONNX's number of the type.

std::vector<TensorType> infer_dequantize_linear(const Call& call) {
  require_inputs(call, 2, 3);
  if (call.inputs[0].type != DataType::int32) {
    require_bytes(call, 0);
  }
  require_zero_points(call, 2, 0, scales_of(call));
  const std::int64_t code = call.attributes.integer("output_dtype", 0);
  if (code != 0 && code != kFloat32) {
    throw std::invalid_argument("only output_dtype 1 (float32) is supported");
  }
  return {{DataType::float32, call.shape(0)}};
}

std::vector<Tensor> forward_dequantize_linear(const Call& call, std::span<const Tensor> inputs) {
  Tensor output(infer_dequantize_linear(call).front());
  const Granularity scales = scales_of(call);
  const auto scale = inputs[1].values<float>();
  with_quantized_type(inputs[0].type().type, [&](auto type) {
    using Q = decltype(type);
    const auto from = inputs[0].values<Q>();
    const auto to = output.values<float>();
    for (std::size_t i = 0; i < from.size(); ++i) {
      const std::size_t k = scales(i);
      const std::int64_t zero = call.has(2) ? inputs[2].values<Q>()[k] : 0;
      to[i] = static_cast<float>(from[i] - zero) * scale[k];
    }
  });
  return {output};
}

}  // namespace

void register_dequantize_linear(Registry<Operator>& registry) {
  registry.add({.name = "DequantizeLinear",
                .doc = "(x - zero point) * scale, of uint8, int8 or int32",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_dequantize_linear,
                .macs = no_macs,
                .forward = forward_dequantize_linear});
}

}  // namespace offcut::ops
