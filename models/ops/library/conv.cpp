// Conv: Y[n, m, o] = b[m] + sum over c, k of X[n, c, o * stride + k * dilation - pad] * W[m, c, k],
// within m's group. Over 1 or 2 spatial axes. Reference: each group's windows are laid out as the
// columns of a matrix (im2col) and multiplied by the weights with Eigen; a group of one channel in
// and out (depthwise) is summed directly.

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/matrix.h"
#include "models/ops/window.h"

namespace offcut {
namespace {

/// Sizes of one convolution, with 1-D ones seen as 2-D of height 1.
struct Geometry {
  std::int64_t batch, groups, in_channels, out_channels;  // channels per group
  WindowAxis rows, columns;

  std::int64_t in_plane() const { return rows.in * columns.in; }
  std::int64_t out_plane() const { return rows.out * columns.out; }
  std::int64_t taps() const { return rows.kernel * columns.kernel; }
};

Geometry geometry(const Call& call) {
  require_inputs(call, 2, 3);
  const Shape& x = float_shape(call, 0);
  const Shape& w = float_shape(call, 1);
  if ((x.size() != 3 && x.size() != 4) || w.size() != x.size()) {
    throw std::invalid_argument(fmt::format("input {} and weights {}: expected 1 or 2 spatial axes",
                                            to_text(x), to_text(w)));
  }
  const std::int64_t groups = call.attributes.integer("group", 1);
  const bool divides = groups >= 1 && x[1] % groups == 0 && w[0] % groups == 0;
  if (!divides || x[1] / groups != w[1] || w[0] == 0) {
    throw std::invalid_argument(fmt::format("input {} and weights {} do not fit {} groups",
                                            to_text(x), to_text(w), groups));
  }
  if (call.has(2) && float_shape(call, 2) != Shape{w[0]}) {
    throw std::invalid_argument(
        fmt::format("bias {} does not fit {} outputs", to_text(call.shape(2)), w[0]));
  }
  const std::vector<std::int64_t> kernel(w.begin() + 2, w.end());
  if (call.attributes.integers("kernel_shape", kernel) != kernel) {
    throw std::invalid_argument("attribute 'kernel_shape' differs from the weights " + to_text(w));
  }
  const auto axes = window_axes(call, std::span(x).subspan(2), kernel);
  Geometry g{x[0], groups, w[1], w[0] / groups, {.in = 1, .out = 1}, axes.back()};
  if (axes.size() == 2) {
    g.rows = axes.front();
  }
  return g;
}

std::vector<TensorType> infer(const Call& call) {
  const Geometry g = geometry(call);
  Shape shape = {g.batch, g.groups * g.out_channels};
  if (call.shape(0).size() == 4) {
    shape.push_back(g.rows.out);
  }
  shape.push_back(g.columns.out);
  return {output_type(DataType::float32, std::move(shape))};
}

LayerKind kind(const Call& call) {
  const Geometry g = geometry(call);
  return g.groups > 1 && g.in_channels == 1 ? LayerKind::depthwise_convolution
                                            : LayerKind::convolution;
}

double macs(const Call& call, std::span<const TensorType> outputs) {
  const Geometry g = geometry(call);
  return static_cast<double>(elements(outputs[0].shape)) *
         static_cast<double>(g.in_channels * g.taps());
}

/// Out positions [first, last) whose tap k lies inside the input.
std::pair<std::int64_t, std::int64_t> inside(const WindowAxis& axis, std::int64_t k) {
  const std::int64_t offset = k * axis.dilation - axis.pad_begin;
  const auto first_at =
      [&](std::int64_t position) {  // smallest o with o * stride + offset >= position
        const std::int64_t distance = position - offset;
        return distance <= 0 ? 0 : std::min(axis.out, (distance + axis.stride - 1) / axis.stride);
      };
  return {first_at(0), first_at(axis.in)};
}

/// Row (c, kr, kc) of `columns` holds, for each out position, what that tap reads; zero where it is
/// padding.
void im2col(const Geometry& g, const float* x, Matrix& columns) {
  columns.setZero();
  float* row = columns.data();
  for (std::int64_t c = 0; c < g.in_channels; ++c, x += g.in_plane()) {
    for (std::int64_t kr = 0; kr < g.rows.kernel; ++kr) {
      const auto [first_row, last_row] = inside(g.rows, kr);
      for (std::int64_t kc = 0; kc < g.columns.kernel; ++kc, row += g.out_plane()) {
        const auto [first, last] = inside(g.columns, kc);
        const std::int64_t stride = g.columns.stride;
        for (std::int64_t o = first_row; o < last_row; ++o) {
          const std::int64_t in_row = o * g.rows.stride + kr * g.rows.dilation - g.rows.pad_begin;
          const float* from =
              x + in_row * g.columns.in + kc * g.columns.dilation - g.columns.pad_begin;
          float* to = row + o * g.columns.out;
          for (std::int64_t p = first; p < last; ++p) {
            to[p] = from[p * stride];
          }
        }
      }
    }
  }
}

/// One channel in, one out: y += w * x, tap by tap.
void convolve_plane(const Geometry& g, const float* x, const float* w, float* y) {
  for (std::int64_t kr = 0; kr < g.rows.kernel; ++kr) {
    const auto [first_row, last_row] = inside(g.rows, kr);
    for (std::int64_t kc = 0; kc < g.columns.kernel; ++kc, ++w) {
      const auto [first, last] = inside(g.columns, kc);
      const std::int64_t stride = g.columns.stride;
      for (std::int64_t o = first_row; o < last_row; ++o) {
        const std::int64_t in_row = o * g.rows.stride + kr * g.rows.dilation - g.rows.pad_begin;
        const float* from =
            x + in_row * g.columns.in + kc * g.columns.dilation - g.columns.pad_begin;
        float* to = y + o * g.columns.out;
        for (std::int64_t p = first; p < last; ++p) {
          to[p] += *w * from[p * stride];
        }
      }
    }
  }
}

/// A 1x1 convolution with stride 1 needs no im2col: the input already is the matrix of columns.
bool reads_each_position_once(const Geometry& g) {
  const auto plain = [](const WindowAxis& axis) {
    return axis.kernel == 1 && axis.stride == 1 && axis.pad_begin == 0 && axis.pad_end == 0;
  };
  return plain(g.rows) && plain(g.columns);
}

std::vector<Tensor> forward(const Call& call, std::span<const Tensor> inputs) {
  const Geometry g = geometry(call);
  Tensor y(infer(call).front());
  const float* x = inputs[0].values<float>().data();
  float* out = y.values<float>().data();
  const bool has_bias = call.has(2);
  Matrix columns;
  const bool depthwise = g.in_channels == 1 && g.out_channels == 1;
  const bool lowered = !depthwise && !reads_each_position_once(g);
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
      if (depthwise) {
        convolve_plane(g, x, w, out);
      } else {
        const ConstMatrixMap weights(w, g.out_channels, g.in_channels * g.taps());
        if (lowered) {
          im2col(g, x, columns);
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
                .doc = "convolution over 1 or 2 axes with groups, dilation, strides and padding",
                .kind = kind,
                .infer = infer,
                .macs = macs,
                .forward = forward});
}

}  // namespace offcut
