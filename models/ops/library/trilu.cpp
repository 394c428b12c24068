// Trilu: the upper (or lower) triangle of the last two axes, with zeros elsewhere. k moves the
// diagonal to the right. Any element type.

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_trilu(const Call& call) {
  require_inputs(call, 1, 2);
  if (call.shape(0).size() < 2) {
    throw std::invalid_argument(fmt::format("input {} is not a matrix", to_text(call.shape(0))));
  }
  if (call.has(1) && call.inputs[1].type != DataType::int64) {
    throw std::invalid_argument(
        fmt::format("k is {}, expected int64", to_text(call.inputs[1].type)));
  }
  call.attributes.integer("upper", 1);
  return {call.inputs[0]};
}

std::vector<Tensor> forward_trilu(const Call& call, std::span<const Tensor> inputs) {
  const bool upper = call.attributes.integer("upper", 1) != 0;
  const Shape& shape = call.shape(0);
  const std::int64_t rows = shape[shape.size() - 2];
  const std::int64_t columns = shape.back();
  const std::int64_t k =
      call.has(1) ? std::clamp(integer_of(inputs[1]), -rows - 1, columns + 1) : 0;
  const auto bytes = static_cast<std::int64_t>(element_bytes(inputs[0].type().type));
  Tensor output(inputs[0].type());
  const std::byte* const from = inputs[0].bytes().data();
  std::byte* const to = output.bytes().data();
  const std::int64_t lines = extent_between(shape, 0, shape.size() - 1);
  for (std::int64_t line = 0; line < lines; ++line) {
    // The first column of the upper triangle, or the one after the lower triangle's last.
    const std::int64_t bound =
        std::clamp<std::int64_t>(line % rows + k + (upper ? 0 : 1), 0, columns);
    const std::int64_t first = line * columns + (upper ? bound : 0);
    std::copy_n(from + first * bytes, (upper ? columns - bound : bound) * bytes,
                to + first * bytes);
  }
  return {output};
}

}  // namespace

void register_trilu(Registry<Operator>& registry) {
  registry.add({.name = "Trilu",
                .doc = "the upper or lower triangle of matrices",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_trilu,
                .macs = no_macs,
                .forward = forward_trilu});
}

}  // namespace offcut::ops
