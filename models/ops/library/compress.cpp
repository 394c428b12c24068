// Compress: the places along `axis` (without it: of the flattened input) at which the condition, a
// constant, is true. Places after the condition's end are dropped. Any element type.

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "models/ops/lines.h"

namespace offcut::ops {
namespace {

/// Returns the places to keep along an axis of that extent.
std::vector<std::int64_t> kept(const Call& call, std::int64_t extent) {
  if (call.inputs[1].type != DataType::boolean || call.shape(1).size() != 1) {
    throw std::invalid_argument(
        fmt::format("the condition is {}, expected a list of bools", to_text(call.inputs[1])));
  }
  const auto holds = call.known_value(1).values<bool>();
  std::vector<std::int64_t> places;
  for (std::int64_t i = 0; i < std::min(extent, call.shape(1)[0]); ++i) {
    if (holds[static_cast<std::size_t>(i)]) {
      places.push_back(i);
    }
  }
  return places;
}

Lines compress_lines(const Call& call) {
  const Shape& x = call.shape(0);
  if (!call.attributes.has("axis")) {
    return {1, elements(x), 1};
  }
  return lines_along(x, axis_in(call.attributes.integer("axis", 0), x.size()));
}

std::vector<TensorType> infer_compress(const Call& call) {
  require_inputs(call, 2, 2);
  const Lines lines = compress_lines(call);
  Shape shape = call.shape(0);
  const auto count = static_cast<std::int64_t>(kept(call, lines.extent).size());
  if (call.attributes.has("axis")) {
    shape[axis_in(call.attributes.integer("axis", 0), shape.size())] = count;
  } else {
    shape = {count};
  }
  return {output_type(call.inputs[0].type, std::move(shape))};
}

std::vector<Tensor> forward_compress(const Call& call, std::span<const Tensor> inputs) {
  Tensor output(infer_compress(call).front());
  const Lines lines = compress_lines(call);
  const auto places = kept(call, lines.extent);
  const std::int64_t block =
      lines.step * static_cast<std::int64_t>(element_bytes(output.type().type));
  const std::byte* from = inputs[0].bytes().data();
  std::byte* to = output.bytes().data();
  for (std::int64_t o = 0; o < lines.outer; ++o, from += lines.extent * block) {
    for (const std::int64_t place : places) {
      to = std::copy_n(from + place * block, block, to);
    }
  }
  return {output};
}

}  // namespace

void register_compress(Registry<Operator>& registry) {
  registry.add({.name = "Compress",
                .doc = "the places along an axis for which a condition holds",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_compress,
                .macs = no_macs,
                .forward = forward_compress});
}

}  // namespace offcut::ops
