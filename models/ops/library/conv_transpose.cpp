// ConvTranspose: each input element is added to all outputs that a Conv with these weights would
// have read for it: Y[n, m, o * stride + k * dilation - pad] += X[n, c, o] * W[c, m, k], within c's
// group, and a bias per m. Over 1 to 3 axes. Reference: one matrix product per group, whose rows
// are then added up tap by tap.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/matrix.h"
#include "models/ops/window.h"

namespace offcut::ops {
namespace {

struct Geometry {
  std::int64_t batch, groups, in_channels, out_channels;  // Channels per group.
  std::array<WindowAxis, 3> axes;                         // Depth, rows, columns; see window.h.

  std::int64_t product(std::int64_t WindowAxis::*extent) const {
    return axes[0].*extent * axes[1].*extent * axes[2].*extent;
  }
  std::int64_t out_plane() const { return product(&WindowAxis::in); }
  std::int64_t in_plane() const { return product(&WindowAxis::out); }
  std::int64_t taps() const { return product(&WindowAxis::kernel); }
};

Geometry conv_transpose_geometry(const Call& call) {
  require_inputs(call, 2, 3);
  const Shape& x = float_shape(call, 0);
  const Shape& w = float_shape(call, 1);
  if (x.size() < 3 || x.size() > 5 || w.size() != x.size()) {
    throw std::invalid_argument(fmt::format("input {} and weights {}: expected 1 to 3 spatial axes",
                                            to_text(x), to_text(w)));
  }
  const std::int64_t groups = call.attributes.integer("group", 1);
  if (groups < 1 || x[1] % groups != 0 || w[0] != x[1] || x[1] == 0) {
    throw std::invalid_argument(fmt::format("input {} and weights {} do not fit {} groups",
                                            to_text(x), to_text(w), groups));
  }
  const Shape outputs = output_type(DataType::float32, {groups, w[1]}).shape;
  if (call.has(2) && float_shape(call, 2) != Shape{elements(outputs)}) {
    throw std::invalid_argument(
        fmt::format("bias {} does not fit {} outputs", to_text(call.shape(2)), elements(outputs)));
  }
  const std::vector<std::int64_t> kernel(w.begin() + 2, w.end());
  if (call.attributes.integers("kernel_shape", kernel) != kernel) {
    throw std::invalid_argument("attribute 'kernel_shape' differs from the weights " + to_text(w));
  }
  const WindowAxis none{.in = 1, .out = 1};
  Geometry g{x[0], groups, x[1] / groups, w[1], {none, none, none}};
  const auto axes = transposed_window_axes(call, std::span(x).subspan(2), kernel);
  std::copy_backward(axes.begin(), axes.end(), g.axes.end());
  return g;
}

std::vector<TensorType> infer_conv_transpose(const Call& call) {
  const Geometry g = conv_transpose_geometry(call);
  Shape shape = {g.batch, g.groups * g.out_channels};
  for (std::size_t i = 5 - call.shape(0).size(); i < g.axes.size(); ++i) {
    shape.push_back(g.axes.at(i).in);
  }
  return {output_type(DataType::float32, std::move(shape))};
}

double macs_conv_transpose(const Call& call, std::span<const TensorType>) {
  const Geometry g = conv_transpose_geometry(call);
  return static_cast<double>(elements(call.shape(0))) * static_cast<double>(g.out_channels) *
         static_cast<double>(g.taps());
}

bool inside(const WindowAxis& axis, std::int64_t position) {
  return position >= 0 && position < axis.in;
}

/// Adds the products of one tap and one channel for all input positions: `row` of in_plane()
/// values.
void add_tap(const Geometry& g, const std::array<std::int64_t, 3>& tap, const float* row,
             float* plane) {
  const auto& [depth, rows, columns] = g.axes;
  for (std::int64_t d = 0; d < depth.out; ++d) {
    const std::int64_t y_depth = depth.position(d, tap[0]);
    for (std::int64_t r = 0; r < rows.out; ++r, row += columns.out) {
      const std::int64_t y_row = rows.position(r, tap[1]);
      if (!inside(depth, y_depth) || !inside(rows, y_row)) {
        continue;
      }
      float* const line = plane + (y_depth * rows.in + y_row) * columns.in;
      for (std::int64_t c = 0; c < columns.out; ++c) {
        const std::int64_t y_column = columns.position(c, tap[2]);
        if (inside(columns, y_column)) {
          line[y_column] += row[c];
        }
      }
    }
  }
}

/// Adds all taps. Row (m, taps) of `products` holds the contributions of all input positions to
/// channel m by that tap.
void add_taps(const Geometry& g, const Matrix& products, float* y) {
  const float* row = products.data();
  for (std::int64_t m = 0; m < g.out_channels; ++m, y += g.out_plane()) {
    for (std::int64_t kd = 0; kd < g.axes[0].kernel; ++kd) {
      for (std::int64_t kr = 0; kr < g.axes[1].kernel; ++kr) {
        for (std::int64_t kc = 0; kc < g.axes[2].kernel; ++kc, row += g.in_plane()) {
          add_tap(g, {kd, kr, kc}, row, y);
        }
      }
    }
  }
}

std::vector<Tensor> forward_conv_transpose(const Call& call, std::span<const Tensor> inputs) {
  const Geometry g = conv_transpose_geometry(call);
  Tensor output(infer_conv_transpose(call).front());
  const float* x = inputs[0].values<float>().data();
  float* y = output.values<float>().data();
  Matrix products;
  for (std::int64_t n = 0; n < g.batch; ++n) {
    const float* w = inputs[1].values<float>().data();
    for (std::int64_t group = 0; group < g.groups; ++group) {
      if (call.has(2)) {
        const float* bias = inputs[2].values<float>().data() + group * g.out_channels;
        MatrixMap(y, g.out_channels, g.out_plane()).colwise() =
            Eigen::Map<const Eigen::VectorXf>(bias, g.out_channels);
      }
      const ConstMatrixMap weights(w, g.in_channels, g.out_channels * g.taps());
      products.noalias() = weights.transpose() * ConstMatrixMap(x, g.in_channels, g.in_plane());
      add_taps(g, products, y);
      x += g.in_channels * g.in_plane();
      w += g.in_channels * g.out_channels * g.taps();
      y += g.out_channels * g.out_plane();
    }
  }
  return {output};
}

}  // namespace

void register_conv_transpose(Registry<Operator>& registry) {
  registry.add({.name = "ConvTranspose",
                .doc = "transposed convolution over 1 to 3 axes",
                .kind = always<LayerKind::convolution>,
                .infer = infer_conv_transpose,
                .macs = macs_conv_transpose,
                .forward = forward_conv_transpose});
}

}  // namespace offcut::ops
