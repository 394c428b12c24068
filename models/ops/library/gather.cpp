// Gather: y[a, i, b] = x[a, indices[i], b], with the index in the place of axis `axis`. A negative
// index counts from the end (from opset 11 on); one out of range is an error. Any element type.

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/ops/indices.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_gather(const Call& call) {
  require_inputs(call, 2, 2);
  const Shape& indices = index_shape(call, 1);
  const std::size_t axis = axis_argument(call, 0);
  Shape shape = call.shape(0);
  const auto position = shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
  shape.insert(position, indices.begin(), indices.end());
  return {output_type(call.inputs[0].type, std::move(shape))};
}

std::vector<Tensor> forward_gather(const Call& call, std::span<const Tensor> inputs) {
  const Shape& x = call.shape(0);
  const std::size_t axis = axis_argument(call, 0);
  const auto indices = indices_in(inputs[1], x[axis]);
  const std::int64_t block = extent_between(x, axis + 1, x.size()) *
                             static_cast<std::int64_t>(element_bytes(inputs[0].type().type));
  Tensor output(infer_gather(call).front());
  const std::byte* from = inputs[0].bytes().data();
  std::byte* to = output.bytes().data();
  const std::int64_t outer = extent_between(x, 0, axis);
  for (std::int64_t o = 0; o < outer; ++o, from += x[axis] * block) {
    for (const std::int64_t index : indices) {
      to = std::copy_n(from + index * block, block, to);
    }
  }
  return {output};
}

}  // namespace

void register_gather(Registry<Operator>& registry) {
  registry.add({.name = "Gather",
                .doc = "the parts of the input at a list of indices along an axis",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_gather,
                .macs = no_macs,
                .forward = forward_gather});
}

}  // namespace offcut::ops
