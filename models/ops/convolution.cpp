// The sizes of a convolution, from its shapes and attributes, with all checks of the two. The
// operators that convolve (floats, integers, quantised bytes) share them.

#include "models/ops/convolution.h"

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {

Convolution convolution_of(const Call& call, const Shape& x, const Shape& w) {
  if (x.size() < 3 || x.size() > 5 || w.size() != x.size()) {
    throw std::invalid_argument(fmt::format("input {} and weights {}: expected 1 to 3 spatial axes",
                                            to_text(x), to_text(w)));
  }
  const std::int64_t groups = call.attributes.integer("group", 1);
  const bool divides = groups >= 1 && x[1] % groups == 0 && w[0] % groups == 0;
  if (!divides || x[1] / groups != w[1] || w[0] == 0) {
    throw std::invalid_argument(fmt::format("input {} and weights {} do not fit {} groups",
                                            to_text(x), to_text(w), groups));
  }
  const std::vector<std::int64_t> kernel(w.begin() + 2, w.end());
  if (call.attributes.integers("kernel_shape", kernel) != kernel) {
    throw std::invalid_argument("attribute 'kernel_shape' differs from the weights " + to_text(w));
  }
  const WindowAxis none{.in = 1, .out = 1};
  Convolution g{x[0], groups, w[1], w[0] / groups, {none, none, none}};
  const auto axes = window_axes(call, std::span(x).subspan(2), kernel);
  std::copy_backward(axes.begin(), axes.end(), g.axes.end());
  return g;
}

TensorType convolved_type(const Convolution& g, DataType type, std::size_t rank) {
  Shape shape = {g.batch, g.groups * g.out_channels};
  for (std::size_t i = g.axes.size() + 2 - rank; i < g.axes.size(); ++i) {
    shape.push_back(g.axes.at(i).out);
  }
  return output_type(type, std::move(shape));
}

LayerKind convolution_kind(const Convolution& g) {
  return g.groups > 1 && g.in_channels == 1 ? LayerKind::depthwise_convolution
                                            : LayerKind::convolution;
}

double convolution_macs(const Convolution& g, std::span<const TensorType> outputs) {
  return static_cast<double>(elements(outputs[0].shape)) *
         static_cast<double>(g.in_channels * g.taps());
}

bool reads_each_position_once(const Convolution& g) {
  return std::all_of(g.axes.begin(), g.axes.end(), [](const WindowAxis& axis) {
    return axis.kernel == 1 && axis.stride == 1 && axis.pad_begin == 0 && axis.pad_end == 0;
  });
}

std::pair<std::int64_t, std::int64_t> positions_inside(const WindowAxis& axis, std::int64_t k) {
  const std::int64_t offset = k * axis.dilation - axis.pad_begin;
  // The smallest o with o * stride + offset >= position.
  const auto first_from = [&](std::int64_t position) {
    const std::int64_t distance = position - offset;
    return distance <= 0 ? 0 : std::min(axis.out, (distance + axis.stride - 1) / axis.stride);
  };
  return {first_from(0), first_from(axis.in)};
}

}  // namespace offcut::ops
