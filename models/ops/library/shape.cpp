// Shape: the extents of the input, from opset 15 on those from `start` to before `end`. The import
// turns it into a constant, unless it makes an output of the model.

#include <algorithm>

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

std::span<const std::int64_t> selected_extents(const Call& call) {
  const Shape& shape = call.shape(0);
  const auto rank = static_cast<std::int64_t>(shape.size());
  const auto axis = [&](std::string_view name, std::int64_t fallback) {
    const std::int64_t value = call.opset < 15 ? fallback : call.attributes.integer(name, fallback);
    return std::clamp<std::int64_t>(value < 0 ? value + rank : value, 0, rank);
  };
  const std::int64_t start = axis("start", 0);
  const std::int64_t end = std::max(start, axis("end", rank));
  return std::span(shape).subspan(static_cast<std::size_t>(start),
                                  static_cast<std::size_t>(end - start));
}

std::vector<TensorType> infer_shape(const Call& call) {
  require_inputs(call, 1, 1);
  return {{DataType::int64, {static_cast<std::int64_t>(selected_extents(call).size())}}};
}

std::vector<Tensor> forward_shape(const Call& call, std::span<const Tensor>) {
  return {Tensor(infer_shape(call).front().shape, selected_extents(call))};
}

}  // namespace

void register_shape(Registry<Operator>& registry) {
  registry.add({.name = "Shape",
                .doc = "the extents of the input",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_shape,
                .macs = no_macs,
                .forward = forward_shape});
}

}  // namespace offcut::ops
