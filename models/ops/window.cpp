// Computes where the windows of convolutions and poolings lie, from ONNX's attributes. All
// attributes are bounded, so that no product of them overflows.

#include "models/ops/window.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace offcut::ops {
namespace {

std::vector<std::int64_t> in_range(std::vector<std::int64_t> values, std::string_view name,
                                   std::size_t count, std::int64_t least) {
  if (values.size() != count) {
    throw std::invalid_argument(
        fmt::format("{} has {} values, expected {}", name, values.size(), count));
  }
  // The upper bound keeps all products far from overflow.
  constexpr std::int64_t kLargest = std::int64_t{1} << 30;
  if (std::any_of(values.begin(), values.end(),
                  [&](auto v) { return v < least || v > kLargest; })) {
    throw std::invalid_argument(fmt::format("{} is out of range", name));
  }
  return values;
}

/// Reads an attribute with one value per axis (pads: two), at least `least` each.
std::vector<std::int64_t> per_axis(const Call& call, std::string_view name, std::size_t count,
                                   std::int64_t fallback, std::int64_t least) {
  return in_range(call.attributes.integers(name, std::vector<std::int64_t>(count, fallback)),
                  fmt::format("attribute '{}'", name), count, least);
}

/// Pads for SAME_UPPER and SAME_LOWER: out = ceil(in / stride), and the padding is split evenly,
/// the odd one at the end or the start.
void pad_to_same(WindowAxis& axis, bool upper) {
  axis.out = (axis.in + axis.stride - 1) / axis.stride;
  const std::int64_t total =
      std::max<std::int64_t>(0, (axis.out - 1) * axis.stride + axis.extent() - axis.in);
  axis.pad_begin = upper ? total / 2 : total - total / 2;
  axis.pad_end = total - axis.pad_begin;
}

void count_positions(WindowAxis& axis, bool ceil_mode) {
  const std::int64_t room = axis.in + axis.pad_begin + axis.pad_end - axis.extent();
  if (room < 0) {
    throw std::invalid_argument(
        fmt::format("a window of {} does not fit into {} with padding {}+{}", axis.extent(),
                    axis.in, axis.pad_begin, axis.pad_end));
  }
  axis.out = room / axis.stride + 1;
  const bool one_more = ceil_mode && room % axis.stride != 0;
  if (one_more && axis.position(axis.out, 0) < axis.in) {
    ++axis.out;
  }
}

/// Crops the output of a transposed window by `total` elements of padding, at both ends.
void crop(WindowAxis& axis, std::int64_t total, bool more_at_end) {
  const std::int64_t cropped = std::max<std::int64_t>(0, total);
  axis.pad_begin = more_at_end ? cropped / 2 : cropped - cropped / 2;
  axis.pad_end = cropped - axis.pad_begin;
}

/// Returns the extent that a transposed window reaches before anything is cropped.
std::int64_t reach(const WindowAxis& axis, std::int64_t output_padding) {
  std::int64_t steps = 0;
  if (axis.out == 0) {
    throw std::invalid_argument("an empty axis has no transposed windows");
  }
  constexpr std::int64_t kLargest = std::int64_t{1} << 61;
  if (__builtin_mul_overflow(axis.out - 1, axis.stride, &steps) || steps > kLargest) {
    throw std::invalid_argument(
        fmt::format("stride {} is too large for {}", axis.stride, axis.out));
  }
  return steps + axis.extent() + output_padding;
}

}  // namespace

std::int64_t WindowAxis::taps_before(std::int64_t o, std::int64_t end) const {
  const std::int64_t distance = end - position(o, 0);
  return distance <= 0 ? 0 : std::min(kernel, (distance - 1) / dilation + 1);
}

TapRange WindowAxis::taps_inside(std::int64_t o) const {
  return {taps_before(o, 0), taps_before(o, in)};
}

double WindowAxis::count(std::int64_t o, bool with_padding) const {
  const TapRange taps = taps_inside(o);
  return static_cast<double>(with_padding ? taps_before(o, in + pad_end) : taps.last - taps.first);
}

std::vector<WindowAxis> window_axes(const Call& call, std::span<const std::int64_t> spatial,
                                    std::span<const std::int64_t> kernel) {
  const std::size_t count = spatial.size();
  if (kernel.empty() && !call.attributes.has("kernel_shape")) {
    throw std::invalid_argument("attribute 'kernel_shape' is missing");
  }
  const auto kernels = kernel.empty()
                           ? per_axis(call, "kernel_shape", count, 1, 1)
                           : in_range({kernel.begin(), kernel.end()}, "the window", count, 1);
  const auto strides = per_axis(call, "strides", count, 1, 1);
  const auto dilations = per_axis(call, "dilations", count, 1, 1);
  const auto pads = per_axis(call, "pads", 2 * count, 0, 0);
  const std::string auto_pad = call.attributes.text("auto_pad", "NOTSET");
  const bool ceil_mode = call.attributes.integer("ceil_mode", 0) != 0;

  std::vector<WindowAxis> axes;
  for (std::size_t i = 0; i < count; ++i) {
    WindowAxis axis{
        .in = spatial[i], .kernel = kernels[i], .stride = strides[i], .dilation = dilations[i]};
    if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
      pad_to_same(axis, auto_pad == "SAME_UPPER");
    } else if (auto_pad == "NOTSET" || auto_pad == "VALID") {
      if (auto_pad == "NOTSET") {
        axis.pad_begin = pads[i];
        axis.pad_end = pads[count + i];
      }
      count_positions(axis, ceil_mode);
    } else {
      throw std::invalid_argument(fmt::format("attribute 'auto_pad' is '{}'", auto_pad));
    }
    axes.push_back(axis);
  }
  return axes;
}

std::vector<WindowAxis> transposed_window_axes(const Call& call,
                                               std::span<const std::int64_t> spatial,
                                               std::span<const std::int64_t> kernel) {
  const std::size_t count = spatial.size();
  const auto kernels = in_range({kernel.begin(), kernel.end()}, "the window", count, 1);
  const auto strides = per_axis(call, "strides", count, 1, 1);
  const auto dilations = per_axis(call, "dilations", count, 1, 1);
  const auto pads = per_axis(call, "pads", 2 * count, 0, 0);
  const auto output_padding = per_axis(call, "output_padding", count, 0, 0);
  const auto output_shape = per_axis(call, "output_shape", count, 0, 0);
  const std::string auto_pad = call.attributes.text("auto_pad", "NOTSET");
  const bool same = auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER";
  if (!same && auto_pad != "NOTSET" && auto_pad != "VALID") {
    throw std::invalid_argument(fmt::format("attribute 'auto_pad' is '{}'", auto_pad));
  }
  std::vector<WindowAxis> axes;
  for (std::size_t i = 0; i < count; ++i) {
    WindowAxis axis{
        .out = spatial[i], .kernel = kernels[i], .stride = strides[i], .dilation = dilations[i]};
    const std::int64_t whole = reach(axis, output_padding[i]);
    if (call.attributes.has("output_shape") || same) {
      const bool given = call.attributes.has("output_shape");
      axis.in = given ? output_shape[i] : axis.out * axis.stride;
      crop(axis, whole - axis.in, auto_pad == "SAME_UPPER");
    } else {
      axis.pad_begin = auto_pad == "NOTSET" ? pads[i] : 0;
      axis.pad_end = auto_pad == "NOTSET" ? pads[count + i] : 0;
      axis.in = whole - axis.pad_begin - axis.pad_end;
    }
    if (axis.in < 1) {
      throw std::invalid_argument(fmt::format("padding {}+{} leaves none of {} elements",
                                              axis.pad_begin, axis.pad_end, whole));
    }
    axes.push_back(axis);
  }
  return axes;
}

}  // namespace offcut::ops
