// QLinearConv: the convolution of quantised x by quantised w, plus an int32 bias of scale
// x_scale * w_scale, as a quantised y. Sums are exact; each is scaled once by
// x_scale * w_scale / y_scale in float32, as ONNX Runtime does. Scales and zero points of w may be
// one per output channel.

#include <fmt/format.h>

#include "models/ops/integer_math.h"
#include "models/ops/quantized.h"

namespace offcut::ops {
namespace {

enum QlinearConvInput : std::size_t {
  kX,
  kXScale,
  kXZero,
  kW,
  kWScale,
  kWZero,
  kYScale,
  kYZero,
  kBias
};

Convolution qlinear_conv_geometry(const Call& call) {
  require_inputs(call, 8, 9);
  for (const std::size_t input : {kX, kW, kYZero}) {
    require_bytes(call, input);
  }
  require_one_scale(call, kXScale);
  require_one_scale(call, kYScale);
  float_shape(call, kWScale);
  require_zero_points(call, kXZero, kX, {});
  require_zero_points(call, kYZero, kYZero, {});
  require_same_type(call, kW, kWZero);
  granularity_of(call, kWScale, call.shape(kW), 0);
  granularity_of(call, kWZero, call.shape(kW), 0);
  const Convolution g = convolution_of(call, call.shape(kX), call.shape(kW));
  const TensorType bias{DataType::int32, {call.shape(kW)[0]}};
  if (call.has(kBias) && call.inputs[kBias] != bias) {
    throw std::invalid_argument(
        fmt::format("bias is {}, expected {}", to_text(call.inputs[kBias]), to_text(bias)));
  }
  return g;
}

std::vector<TensorType> infer_qlinear_conv(const Call& call) {
  const Convolution g = qlinear_conv_geometry(call);
  return {convolved_type(g, call.inputs[kYZero].type, call.shape(kX).size())};
}

LayerKind qlinear_conv_kind(const Call& call) {
  return convolution_kind(qlinear_conv_geometry(call));
}

double macs_qlinear_conv(const Call& call, std::span<const TensorType> outputs) {
  return convolution_macs(qlinear_conv_geometry(call), outputs);
}

std::vector<Tensor> forward_qlinear_conv(const Call& call, std::span<const Tensor> inputs) {
  const Convolution g = qlinear_conv_geometry(call);
  const Shape& w = call.shape(kW);
  std::vector<std::uint32_t> sums =
      convolved(g, above_zero_point(inputs[kX], inputs[kXZero], {}),
                above_zero_point(inputs[kW], inputs[kWZero], granularity_of(call, kWZero, w, 0)));
  Shape shape = infer_qlinear_conv(call).front().shape;
  const Granularity channels{w[0], g.out_plane()};
  if (call.has(kBias)) {
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums[i] += static_cast<std::uint32_t>(inputs[kBias].values<std::int32_t>()[channels(i)]);
    }
  }
  const auto factors = factors_of(inputs[kXScale], inputs[kWScale], inputs[kYScale]);
  return {requantized(sums, std::move(shape), factors,
                      factors.size() == 1 ? Granularity{} : channels, inputs[kYZero])};
}

}  // namespace

void register_qlinear_conv(Registry<Operator>& registry) {
  registry.add({.name = "QLinearConv",
                .doc = "convolution of quantised tensors with a quantised result",
                .kind = qlinear_conv_kind,
                .infer = infer_qlinear_conv,
                .macs = macs_qlinear_conv,
                .forward = forward_qlinear_conv});
}

}  // namespace offcut::ops
