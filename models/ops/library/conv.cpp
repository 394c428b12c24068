// Conv: Y[n, m, o] = b[m] + sum over c, k of X[n, c, o * stride + k * dilation - pad] * W[m, c, k],
// within m's group. Over 1 to 3 spatial axes. Reference: each group's windows are laid out as the
// columns of a matrix (im2col) and multiplied by the weights with Eigen; a group with one channel
// in and out (depthwise) is summed directly.

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/convolution.h"
#include "models/ops/matrix.h"

namespace offcut::ops {
namespace {

Convolution conv_geometry(const Call& call) {
  require_inputs(call, 2, 3);
  const Convolution g = convolution_of(call, float_shape(call, 0), float_shape(call, 1));
  const std::int64_t outputs = call.shape(1)[0];
  if (call.has(2) && float_shape(call, 2) != Shape{outputs}) {
    throw std::invalid_argument(
        fmt::format("bias {} does not fit {} outputs", to_text(call.shape(2)), outputs));
  }
  return g;
}

std::vector<TensorType> infer_conv(const Call& call) {
  const Convolution g = conv_geometry(call);
  return {convolved_type(g, DataType::float32, call.shape(0).size())};
}

LayerKind conv_kind(const Call& call) { return convolution_kind(conv_geometry(call)); }

double macs_conv(const Call& call, std::span<const TensorType> outputs) {
  return convolution_macs(conv_geometry(call), outputs);
}

/// Convolves one channel into one: y += w * x, tap by tap.
void convolve_plane(const Convolution& g, const float* x, const float* w, float* y) {
  const std::int64_t stride = g.axes[2].stride;
  for_each_line(g, [&](std::int64_t tap, std::int64_t out, std::int64_t in, std::int64_t count) {
    const float weight = w[tap];
    const float* const from = x + in;
    float* const to = y + out;
    for (std::int64_t i = 0; i < count; ++i) {
      to[i] += weight * from[i * stride];
    }
  });
}

std::vector<Tensor> forward_conv(const Call& call, std::span<const Tensor> inputs) {
  const Convolution g = conv_geometry(call);
  Tensor y(infer_conv(call).front());
  const float* x = inputs[0].values<float>().data();
  float* out = y.values<float>().data();
  const bool has_bias = call.has(2);
  Matrix columns;
  const bool lowered = !g.is_depthwise() && !reads_each_position_once(g);
  if (lowered) {
    columns.resize(g.in_channels * g.taps(), g.out_plane());
  }
  for (std::int64_t n = 0; n < g.batch; ++n) {
    const float* w = inputs[1].values<float>().data();
    for (std::int64_t group = 0; group < g.groups; ++group) {
      MatrixMap result(out, g.out_channels, g.out_plane());
      if (has_bias) {
        const float* bias = inputs[2].values<float>().data() + group * g.out_channels;
        result.colwise() = Eigen::Map<const Eigen::VectorXf>(bias, g.out_channels);
      }
      if (g.is_depthwise()) {
        convolve_plane(g, x, w, out);
      } else {
        const ConstMatrixMap weights(w, g.out_channels, g.in_channels * g.taps());
        if (lowered) {
          im2col(g, x, columns.data());
          result.noalias() += weights * columns;
        } else {
          result.noalias() += weights * ConstMatrixMap(x, g.in_channels, g.in_plane());
        }
      }
      x += g.in_channels * g.in_plane();
      w += g.out_channels * g.in_channels * g.taps();
      out += g.out_channels * g.out_plane();
    }
  }
  return {y};
}

}  // namespace

void register_conv(Registry<Operator>& registry) {
  registry.add({.name = "Conv",
                .doc = "convolution over 1 to 3 axes with groups, dilation, strides and padding",
                .kind = conv_kind,
                .infer = infer_conv,
                .macs = macs_conv,
                .forward = forward_conv});
}

}  // namespace offcut::ops
