// QuantizeLinear: x / scale, rounded to the nearest integer (halves to even), plus the zero point,
// clamped to the limits of the zero point's type (without one, that of `output_dtype` from opset 21
// on, or else uint8). One scale for all, from opset 13 on one per place along `axis`, or from 21 on
// one per block of `block_size` places.

#include <fmt/format.h>

#include "models/ops/quantized.h"
#include "models/ops/type_codes.h"

namespace offcut::ops {
namespace {

constexpr std::size_t kZeroPoint = 2;

std::vector<TensorType> infer_quantize_linear(const Call& call) {
  require_inputs(call, 2, 3);
  if (call.inputs[0].type != DataType::float32 && call.inputs[0].type != DataType::int32) {
    throw std::invalid_argument(
        fmt::format("input 0 is {}, expected float32 or int32", to_text(call.inputs[0].type)));
  }
  const Granularity scales = scales_of(call);
  const std::int64_t code = call.opset < 21 ? 0 : call.attributes.integer("output_dtype", 0);
  if (!call.has(kZeroPoint)) {
    const DataType type = code == 0 ? DataType::uint8 : type_of_code(code);
    if (type != DataType::uint8 && type != DataType::int8) {
      throw std::invalid_argument(
          fmt::format("output_dtype is {}, only uint8 and int8 are supported", to_text(type)));
    }
    return {{type, call.shape(0)}};
  }
  if (code != 0 && type_of_code(code) != call.inputs[kZeroPoint].type) {
    throw std::invalid_argument(fmt::format("output_dtype {} is not the zero point's type", code));
  }
  require_bytes(call, kZeroPoint);
  require_zero_points(call, kZeroPoint, kZeroPoint, scales);
  return {{call.inputs[kZeroPoint].type, call.shape(0)}};
}

template <class Q, class T>
void quantize(const Tensor& x, const Tensor& scale, const Tensor& zero_point, Granularity scales,
              Tensor& output) {
  const auto from = x.values<T>();
  const auto to = output.values<Q>();
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::size_t k = scales(i);
    const Q zero = zero_point.absent() ? Q{0} : zero_point.values<Q>()[k];
    to[i] = quantized<Q>(static_cast<float>(from[i]) / scale.values<float>()[k], zero);
  }
}

std::vector<Tensor> forward_quantize_linear(const Call& call, std::span<const Tensor> inputs) {
  Tensor output(infer_quantize_linear(call).front());
  const Tensor zero_point = call.has(kZeroPoint) ? inputs[kZeroPoint] : Tensor();
  with_quantized_type(output.type().type, [&](auto type) {
    using Q = decltype(type);
    if (inputs[0].type().type == DataType::int32) {
      quantize<Q, std::int32_t>(inputs[0], inputs[1], zero_point, scales_of(call), output);
    } else {
      quantize<Q, float>(inputs[0], inputs[1], zero_point, scales_of(call), output);
    }
  });
  return {output};
}

}  // namespace

void register_quantize_linear(Registry<Operator>& registry) {
  registry.add({.name = "QuantizeLinear",
                .doc = "x / scale + zero point, rounded, as uint8 or int8",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_quantize_linear,
                .macs = no_macs,
                .forward = forward_quantize_linear});
}

}  // namespace offcut::ops
