// ConvInteger: the convolution of (x - zero point) by (w - zero point), of uint8 or int8, summed
// exactly as int32. x has one zero point; w has one, or one per output channel.

#include "models/ops/integer_math.h"
#include "models/ops/quantized.h"

namespace offcut::ops {
namespace {

Convolution conv_integer_geometry(const Call& call) {
  require_inputs(call, 2, 4);
  require_bytes(call, 0);
  require_bytes(call, 1);
  require_zero_points(call, 2, 0, {});
  if (call.has(3)) {
    require_same_type(call, 1, 3);
    granularity_of(call, 3, call.shape(1), 0);
  }
  return convolution_of(call, call.shape(0), call.shape(1));
}

std::vector<TensorType> infer_conv_integer(const Call& call) {
  return {convolved_type(conv_integer_geometry(call), DataType::int32, call.shape(0).size())};
}

LayerKind conv_integer_kind(const Call& call) {
  return convolution_kind(conv_integer_geometry(call));
}

double macs_conv_integer(const Call& call, std::span<const TensorType> outputs) {
  return convolution_macs(conv_integer_geometry(call), outputs);
}

std::vector<Tensor> forward_conv_integer(const Call& call, std::span<const Tensor> inputs) {
  const auto input = [&](std::size_t i) { return call.has(i) ? inputs[i] : Tensor(); };
  const Granularity filters =
      call.has(3) ? granularity_of(call, 3, call.shape(1), 0) : Granularity{};
  return {as_int32(convolved(conv_integer_geometry(call), above_zero_point(inputs[0], input(2), {}),
                             above_zero_point(inputs[1], input(3), filters)),
                   infer_conv_integer(call).front())};
}

}  // namespace

void register_conv_integer(Registry<Operator>& registry) {
  registry.add({.name = "ConvInteger",
                .doc = "convolution of uint8 or int8, exact in int32",
                .kind = conv_integer_kind,
                .infer = infer_conv_integer,
                .macs = macs_conv_integer,
                .forward = forward_conv_integer});
}

}  // namespace offcut::ops
