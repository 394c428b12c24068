// Col2Im: the reverse of laying out windows as columns. Input 0 has, for each image, a row for each
// channel and place in the window, and a column for each window; elements that come from one place
// of the image are added up. The constant inputs 1 and 2 are the extents of the image and of the
// window.

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/walk.h"
#include "models/ops/window.h"

namespace offcut::ops {
namespace {

struct Columns {
  std::int64_t batch = 0, channels = 0;
  std::vector<WindowAxis> axes;

  std::int64_t product(std::int64_t WindowAxis::*extent) const {
    std::int64_t result = 1;
    for (const WindowAxis& axis : axes) {
      result *= axis.*extent;
    }
    return result;
  }
};

Columns columns_of(const Call& call) {
  require_inputs(call, 3, 3);
  const Shape& x = float_shape(call, 0);
  const auto image = call.known_integers(1);
  const auto window = call.known_integers(2);
  if (x.size() != 3 || image.size() != window.size() || image.empty()) {
    throw std::invalid_argument(
        fmt::format("input {} does not fit {} axes of the image and {} of the window", to_text(x),
                    image.size(), window.size()));
  }
  output_type(DataType::float32, image);
  Columns columns{.batch = x[0], .axes = window_axes(call, image, window)};
  const std::int64_t taps = columns.product(&WindowAxis::kernel);
  if (x[1] % taps != 0 || x[2] != columns.product(&WindowAxis::out)) {
    throw std::invalid_argument(fmt::format("input {} does not fit windows of {} at {} places",
                                            to_text(x), taps, columns.product(&WindowAxis::out)));
  }
  columns.channels = x[1] / taps;
  return columns;
}

std::vector<TensorType> infer_col2_im(const Call& call) {
  const Columns columns = columns_of(call);
  Shape shape = {columns.batch, columns.channels};
  for (const WindowAxis& axis : columns.axes) {
    shape.push_back(axis.in);
  }
  return {output_type(DataType::float32, std::move(shape))};
}

/// Returns for each axis the index of a place among row-major ones.
std::vector<std::int64_t> unravelled(std::int64_t place, const std::vector<WindowAxis>& axes,
                                     std::int64_t WindowAxis::*extent) {
  std::vector<std::int64_t> index(axes.size());
  for (std::size_t i = axes.size(); i-- > 0;) {
    index[i] = place % (axes[i].*extent);
    place /= axes[i].*extent;
  }
  return index;
}

/// Returns the place in the image that a tap of a window reads, or -1 in the padding.
std::int64_t place_in_image(const std::vector<WindowAxis>& axes,
                            const std::vector<std::int64_t>& window,
                            const std::vector<std::int64_t>& tap) {
  std::int64_t place = 0;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::int64_t position = axes[i].position(window[i], tap[i]);
    if (position < 0 || position >= axes[i].in) {
      return -1;
    }
    place = place * axes[i].in + position;
  }
  return place;
}

std::vector<Tensor> forward_col2_im(const Call& call, std::span<const Tensor> inputs) {
  const Columns columns = columns_of(call);
  Tensor output(infer_col2_im(call).front());
  const std::int64_t taps = columns.product(&WindowAxis::kernel);
  const std::int64_t windows = columns.product(&WindowAxis::out);
  const std::int64_t plane = columns.product(&WindowAxis::in);
  const std::int64_t planes = columns.batch * columns.channels;
  for (std::int64_t tap = 0; tap < taps; ++tap) {
    const auto tap_index = unravelled(tap, columns.axes, &WindowAxis::kernel);
    for (std::int64_t window = 0; window < windows; ++window) {
      const std::int64_t place = place_in_image(
          columns.axes, unravelled(window, columns.axes, &WindowAxis::out), tap_index);
      for (std::int64_t p = 0; place >= 0 && p < planes; ++p) {
        output.values<float>()[static_cast<std::size_t>(p * plane + place)] +=
            inputs[0]
                .values<float>()[static_cast<std::size_t>((p * taps + tap) * windows + window)];
      }
    }
  }
  return {output};
}

}  // namespace

void register_col2_im(Registry<Operator>& registry) {
  registry.add({.name = "Col2Im",
                .doc = "an image from the columns of its windows, overlaps added up",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_col2_im,
                .macs = no_macs,
                .forward = forward_col2_im});
}

}  // namespace offcut::ops
