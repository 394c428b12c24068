// Pad: extends axes at their start and end, with a constant, with mirrored elements (without the
// outermost one), with the outermost one, or (wrap, from opset 19 on) with those of the other end.
// A negative amount crops; crops come before the filling. The amounts are an attribute up to opset
// 10 and an input from 11 on; from 18 on, input 3 may name the axes. Any element type.

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

enum class Mode { constant, reflect, edge, wrap };

/// The number of elements to add at the ends of an axis; negative ones are removed.
struct Margin {
  std::int64_t begin, end;

  Margin cropped() const {
    return {std::min<std::int64_t>(begin, 0), std::min<std::int64_t>(end, 0)};
  }
  Margin filled() const {
    return {std::max<std::int64_t>(begin, 0), std::max<std::int64_t>(end, 0)};
  }
};

bool has_pads_input(const Call& call) { return call.opset >= 11; }

Mode mode_of(const Call& call) {
  const std::string mode = call.attributes.text("mode", "constant");
  if (mode == "constant") {
    return Mode::constant;
  }
  if (mode == "reflect") {
    return Mode::reflect;
  }
  if (mode == "edge") {
    return Mode::edge;
  }
  if (mode == "wrap" && call.opset >= 19) {
    return Mode::wrap;
  }
  throw std::invalid_argument(fmt::format(
      "mode '{}' is not supported, only constant, reflect, edge and (from opset 19 on) wrap",
      mode));
}

/// Returns the axes that the amounts belong to: all, unless input 3 names them.
std::vector<std::size_t> padded_axes(const Call& call) {
  const std::size_t rank = call.shape(0).size();
  std::vector<std::size_t> axes;
  if (call.opset >= 18 && call.has(3)) {
    const auto named = call.known_integers(3);
    axes_in(named, rank);  // Throws for an axis that is out of range, or named twice.
    for (const std::int64_t axis : named) {
      axes.push_back(axis_in(axis, rank));
    }
  } else {
    for (std::size_t i = 0; i < rank; ++i) {
      axes.push_back(i);
    }
  }
  return axes;
}

std::vector<Margin> margins(const Call& call) {
  const std::size_t rank = call.shape(0).size();
  const std::string_view attribute = call.opset < 2 ? "paddings" : "pads";
  if (!has_pads_input(call) && !call.attributes.has(attribute)) {
    throw std::invalid_argument(fmt::format("attribute '{}' is missing", attribute));
  }
  const auto pads =
      has_pads_input(call) ? call.known_integers(1) : call.attributes.integers(attribute, {});
  const std::vector<std::size_t> axes = padded_axes(call);
  if (pads.size() != 2 * axes.size()) {
    throw std::invalid_argument(fmt::format("{} amounts of padding for {} axes, expected {}",
                                            pads.size(), axes.size(), 2 * axes.size()));
  }
  constexpr std::int64_t kLargest = std::int64_t{1} << 40;  // Keeps sums far from overflow.
  if (std::any_of(pads.begin(), pads.end(),
                  [](auto pad) { return pad < -kLargest || pad > kLargest; })) {
    throw std::invalid_argument("an amount of padding is out of range");
  }
  std::vector<Margin> result(rank, Margin{0, 0});
  for (std::size_t i = 0; i < axes.size(); ++i) {
    result[axes[i]] = {pads[i], pads[axes.size() + i]};
  }
  return result;
}

/// Returns the extent with its margin. Throws if more elements are cropped than exist, or if a
/// margin copies elements that do not exist.
std::int64_t padded(std::int64_t extent, Margin margin, Mode mode) {
  const std::int64_t left = extent + margin.cropped().begin + margin.cropped().end;
  if (left < 0) {
    throw std::invalid_argument(
        fmt::format("padding {}+{} crops more than {} elements", margin.begin, margin.end, extent));
  }
  const Margin filled = margin.filled();
  if (mode != Mode::constant && filled.begin + filled.end > 0) {
    const bool mirror = mode == Mode::reflect;
    const bool wraps = mode == Mode::wrap;
    const std::int64_t needed = mirror || wraps ? std::max(filled.begin, filled.end) : 1;
    const std::int64_t available = std::max<std::int64_t>(0, mirror ? left - 1 : left);
    if (needed > available) {
      throw std::invalid_argument(
          fmt::format("padding {}+{} reaches beyond the {} elements to copy", margin.begin,
                      margin.end, available));
    }
  }
  return left + filled.begin + filled.end;
}

void require_fitting_value(const Call& call) {
  if (call.has(2)) {
    require_same_type(call, 0, 2);
    if (elements(call.shape(2)) != 1) {
      throw std::invalid_argument(
          fmt::format("the fill value is {}, expected a scalar", to_text(call.inputs[2])));
    }
  }
  if (!has_pads_input(call) && call.attributes.number("value", 0) != 0) {
    float_shape(call, 0);
  }
}

std::vector<TensorType> infer_pad(const Call& call) {
  const std::size_t most = call.opset >= 18 ? 4 : has_pads_input(call) ? 3 : 1;
  require_inputs(call, has_pads_input(call) ? 2 : 1, most);
  require_fitting_value(call);
  const Mode mode = mode_of(call);
  const auto all = margins(call);
  TensorType output = call.inputs[0];
  for (std::size_t i = 0; i < all.size(); ++i) {
    output.shape[i] = padded(call.shape(0)[i], all[i], mode);
  }
  return {output_type(output.type, std::move(output.shape))};
}

/// Returns the element to fill with, as bytes, or none for zero.
std::vector<std::byte> fill_value(const Call& call, std::span<const Tensor> inputs) {
  std::span<const std::byte> bytes;
  const float value = has_pads_input(call) ? 0 : call.attributes.number("value", 0);
  if (has_pads_input(call)) {
    bytes = call.has(2) ? inputs[2].bytes() : bytes;
  } else if (value != 0) {
    bytes = std::as_bytes(std::span(&value, 1));
  }
  return {bytes.begin(), bytes.end()};
}

void fill_padding(Tensor& tensor, const std::vector<std::byte>& value) {
  const std::span<std::byte> bytes = tensor.bytes();
  for (std::size_t i = 0; !value.empty() && i < bytes.size(); i += value.size()) {
    std::memcpy(bytes.data() + i, value.data(), value.size());
  }
}

/// Returns the position from which position p of an axis of n elements is copied. REQUIRES: p is
/// not further outside than `padded` allows.
std::int64_t padding_source(std::int64_t p, std::int64_t n, Mode mode) {
  if (mode == Mode::edge) {
    return std::clamp<std::int64_t>(p, 0, n - 1);
  }
  if (mode == Mode::wrap) {
    return p < 0 ? p + n : p % n;
  }
  return p < 0 ? -p : std::min(p, 2 * (n - 1) - p);
}

/// Returns the tensor with a margin at one axis.
Tensor with_margin(const Tensor& input, std::size_t axis, Margin margin, Mode mode,
                   const std::vector<std::byte>& value) {
  if (margin.begin == 0 && margin.end == 0) {
    return input;
  }
  const std::int64_t n = input.shape()[axis];
  TensorType type = input.type();
  type.shape[axis] += margin.begin + margin.end;
  const std::int64_t extent = type.shape[axis];
  const std::int64_t outer = extent_between(type.shape, 0, axis);
  const std::int64_t inner = extent_between(type.shape, axis + 1, type.shape.size()) *
                             static_cast<std::int64_t>(element_bytes(type.type));
  Tensor output(std::move(type));
  if (mode == Mode::constant) {
    fill_padding(output, value);
  }
  const std::byte* from = input.bytes().data();
  std::byte* to = output.bytes().data();
  const std::int64_t first = std::max<std::int64_t>(0, -margin.begin);
  const std::int64_t last = std::min(n, n + margin.end);
  for (std::int64_t o = 0; o < outer; ++o, from += n * inner, to += extent * inner) {
    const auto copy = [&](std::int64_t target, std::int64_t source, std::int64_t count) {
      std::copy_n(from + source * inner, count * inner, to + target * inner);
    };
    copy(first + margin.begin, first, last - first);
    for (std::int64_t p = -margin.begin; mode != Mode::constant && p < 0; ++p) {
      copy(p + margin.begin, padding_source(p, n, mode), 1);
    }
    for (std::int64_t p = n; mode != Mode::constant && p < n + margin.end; ++p) {
      copy(p + margin.begin, padding_source(p, n, mode), 1);
    }
  }
  return output;
}

std::vector<Tensor> forward_pad(const Call& call, std::span<const Tensor> inputs) {
  const auto all = margins(call);
  const Mode mode = mode_of(call);
  const auto value = fill_value(call, inputs);
  Tensor result = inputs[0];
  for (std::size_t i = 0; i < all.size(); ++i) {
    result = with_margin(result, i, all[i].cropped(), mode, value);
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    result = with_margin(result, i, all[i].filled(), mode, value);
  }
  return {result};
}

}  // namespace

void register_pad(Registry<Operator>& registry) {
  registry.add({.name = "Pad",
                .doc = "margins around each axis: constant or copied; negative crops",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_pad,
                .macs = no_macs,
                .forward = forward_pad});
}

}  // namespace offcut::ops
