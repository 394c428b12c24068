// CenterCropPad: each of the axes `axes` (by default all) gets the extent that the constant input 1
// gives: a longer axis keeps its middle, a shorter one gets zeros on both sides. An odd element is
// cut off, or added, at the end. Any element type.

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/walk.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_center_crop_pad(const Call& call) {
  require_inputs(call, 2, 2);
  Shape shape = call.shape(0);
  std::vector<std::int64_t> all(shape.size());
  std::iota(all.begin(), all.end(), 0);
  const auto axes = call.attributes.integers("axes", all);
  const auto extents = call.known_integers(1);
  axes_in(axes, shape.size());  // Throws for an axis that is out of range, or named twice.
  if (extents.size() != axes.size()) {
    throw std::invalid_argument(
        fmt::format("{} extents are given for {} axes", extents.size(), axes.size()));
  }
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (extents[i] < 0) {
      throw std::invalid_argument(fmt::format("an extent is {}", extents[i]));
    }
    shape[axis_in(axes[i], shape.size())] = extents[i];
  }
  return {output_type(call.inputs[0].type, std::move(shape))};
}

std::vector<Tensor> forward_center_crop_pad(const Call& call, std::span<const Tensor> inputs) {
  Tensor output(infer_center_crop_pad(call).front());
  const Shape& x = call.shape(0);
  const auto in_steps = row_major_steps(x);
  const auto out_steps = row_major_steps(output.shape());
  std::vector<WalkAxis<2>> axes;
  std::int64_t in_start = 0;
  std::int64_t out_start = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::int64_t more = output.shape()[i] - x[i];
    in_start += std::max<std::int64_t>(0, -more) / 2 * in_steps[i];
    out_start += std::max<std::int64_t>(0, more) / 2 * out_steps[i];
    axes.push_back({std::min(x[i], output.shape()[i]), {in_steps[i], out_steps[i]}});
  }
  const auto bytes = static_cast<std::int64_t>(element_bytes(output.type().type));
  const std::byte* const from = inputs[0].bytes().data() + in_start * bytes;
  std::byte* const to = output.bytes().data() + out_start * bytes;
  const Walk<2> walk(axes);
  walk.for_each_run([&](const Walk<2>::Offsets& offsets, std::int64_t length) {
    for (std::int64_t i = 0; i < length; ++i) {
      std::memcpy(to + (offsets[1] + i * walk.step()[1]) * bytes,
                  from + (offsets[0] + i * walk.step()[0]) * bytes,
                  static_cast<std::size_t>(bytes));
    }
  });
  return {output};
}

}  // namespace

void register_center_crop_pad(Registry<Operator>& registry) {
  registry.add({.name = "CenterCropPad",
                .doc = "the middle of the input, or the input in the middle of zeros",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_center_crop_pad,
                .macs = no_macs,
                .forward = forward_center_crop_pad});
}

}  // namespace offcut::ops
