// The shapes of poolings, with checks that each window contains at least one element of the input.

#include "models/ops/pooling.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

/// The mean or the maximum of no elements has no value, so no window may lie entirely in the
/// padding. If the padding is smaller than the window, as ONNX Runtime requires, only a dilated
/// window that starts before the input can.
void require_input_in_each_window(const WindowAxis& axis) {
  if (axis.in == 0) {
    throw std::invalid_argument("an empty axis cannot be pooled");
  }
  if (axis.pad_begin >= axis.extent() || axis.pad_end >= axis.extent()) {
    throw std::invalid_argument(fmt::format("padding {}+{} is as wide as the window of {}",
                                            axis.pad_begin, axis.pad_end, axis.extent()));
  }
  for (std::int64_t o = 0; axis.in < axis.dilation && o < axis.out; ++o) {
    if (axis.position(o, 0) >= 0) {
      break;
    }
    const TapRange taps = axis.taps_inside(o);
    if (taps.first >= taps.last) {
      throw std::invalid_argument(fmt::format(
          "window {} lies entirely in the padding: dilation {} steps over an input of {}", o,
          axis.dilation, axis.in));
    }
  }
}

}  // namespace

Pooling pooling_of(const Call& call) {
  require_inputs(call, 1, 1);
  const Shape& x = call.shape(0);
  if (x.size() < 3 || x.size() > 5) {
    throw std::invalid_argument(
        fmt::format("input {}: expected 1, 2 or 3 spatial axes after N and C", to_text(x)));
  }
  const WindowAxis none{.in = 1, .out = 1};
  Pooling pooling{x[0] * x[1], {none, none, none}};
  const auto axes = window_axes(call, std::span(x).subspan(2), {});
  std::for_each(axes.begin(), axes.end(), require_input_in_each_window);
  std::copy_backward(axes.begin(), axes.end(), pooling.axes.end());
  return pooling;
}

std::vector<TensorType> infer_pooling(const Call& call) {
  float_shape(call, 0);
  return {pooled_type(call)};
}

TensorType pooled_type(const Call& call) {
  const Pooling pooling = pooling_of(call);
  Shape shape = call.shape(0);
  for (std::size_t i = 2; i < shape.size(); ++i) {
    shape[i] = pooling.axes.at(i + pooling.axes.size() - shape.size()).out;
  }
  return output_type(call.inputs[0].type, std::move(shape));
}

std::vector<TensorType> infer_global_pooling(const Call& call) {
  require_inputs(call, 1, 1);
  const Shape& x = float_shape(call, 0);
  if (x.size() < 2) {
    throw std::invalid_argument(fmt::format("input {} has no channels", to_text(x)));
  }
  if (extent_between(x, 2, x.size()) == 0) {
    throw std::invalid_argument(fmt::format("input {} has no elements to pool", to_text(x)));
  }
  Shape shape = x;
  std::fill(shape.begin() + 2, shape.end(), 1);
  return {{DataType::float32, std::move(shape)}};
}

}  // namespace offcut::ops
