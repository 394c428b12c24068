// OneHot: along a new axis `axis` of the constant extent `depth`, on_value at the index and
// off_value elsewhere. A negative index counts from the end; one out of range gives only
// off_values. Input 2 holds (off_value, on_value), of any type.

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "models/ops/convert.h"
#include "models/ops/lines.h"

namespace offcut::ops {
namespace {

std::size_t one_hot_axis(const Call& call) {
  return axis_in(call.attributes.integer("axis", -1), call.shape(0).size() + 1);
}

std::vector<TensorType> infer_one_hot(const Call& call) {
  require_inputs(call, 3, 3);
  if (call.shape(2) != Shape{2}) {
    throw std::invalid_argument(fmt::format("values are {}, expected 2", to_text(call.shape(2))));
  }
  const std::int64_t depth = known_integer(call, 1);
  if (depth < 0) {
    throw std::invalid_argument(fmt::format("the depth is {}, expected at least 0", depth));
  }
  Shape shape = call.shape(0);
  shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(one_hot_axis(call)), depth);
  return {output_type(call.inputs[2].type, std::move(shape))};
}

/// Sets all elements, which are zeros, to one.
void fill_with(Tensor& tensor, std::span<const std::byte> element) {
  const auto is_zero = [](std::byte byte) { return byte == std::byte{0}; };
  if (std::all_of(element.begin(), element.end(), is_zero)) {
    return;
  }
  const std::span<std::byte> to = tensor.bytes();
  for (std::size_t i = 0; i < to.size(); i += element.size()) {
    std::memcpy(to.data() + i, element.data(), element.size());
  }
}

std::vector<Tensor> forward_one_hot(const Call& call, std::span<const Tensor> inputs) {
  Tensor output(infer_one_hot(call).front());
  const Tensor indices = convert(inputs[0], DataType::int64);
  const Lines lines = lines_along(output.shape(), one_hot_axis(call));
  const auto bytes = static_cast<std::int64_t>(element_bytes(output.type().type));
  const std::byte* const off = inputs[2].bytes().data();
  fill_with(output, std::span(off, static_cast<std::size_t>(bytes)));
  std::byte* const to = output.bytes().data();
  const std::int64_t* index = indices.values<std::int64_t>().data();
  lines.for_each([&](std::int64_t start) {
    const std::int64_t place = *index < 0 ? *index + lines.extent : *index;
    if (place >= 0 && place < lines.extent) {
      std::memcpy(to + (start + place * lines.step) * bytes, off + bytes,
                  static_cast<std::size_t>(bytes));
    }
    ++index;
  });
  return {output};
}

}  // namespace

void register_one_hot(Registry<Operator>& registry) {
  registry.add({.name = "OneHot",
                .doc = "a new axis with one value at the index and another elsewhere",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_one_hot,
                .macs = no_macs,
                .forward = forward_one_hot});
}

}  // namespace offcut::ops
