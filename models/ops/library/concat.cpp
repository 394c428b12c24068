// Concat: the inputs one after the other along `axis`. Any element type.

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

std::size_t concat_axis(const Call& call) {
  if (call.opset >= 4 && !call.attributes.has("axis")) {
    throw std::invalid_argument("attribute 'axis' is missing");
  }
  return axis_in(call.attributes.integer("axis", 1), call.shape(0).size());
}

bool equal_except(std::size_t axis, const Shape& a, const Shape& b) {
  bool equal = a.size() == b.size();
  for (std::size_t i = 0; equal && i < a.size(); ++i) {
    equal = i == axis || a[i] == b[i];
  }
  return equal;
}

std::vector<TensorType> infer_concat(const Call& call) {
  require_inputs(call, std::max<std::size_t>(1, call.inputs.size()), call.inputs.size());
  const std::size_t axis = concat_axis(call);
  TensorType output = call.inputs[0];
  for (std::size_t i = 1; i < call.inputs.size(); ++i) {
    require_same_type(call, 0, i);
    if (!equal_except(axis, call.shape(0), call.shape(i))) {
      throw std::invalid_argument(fmt::format("{} and {} differ in more than axis {}",
                                              to_text(call.shape(0)), to_text(call.shape(i)),
                                              axis));
    }
    output.shape[axis] += call.shape(i)[axis];
    output = output_type(output.type, std::move(output.shape));
  }
  return {output};
}

std::vector<Tensor> forward_concat(const Call& call, std::span<const Tensor> inputs) {
  const std::size_t axis = concat_axis(call);
  Tensor output(infer_concat(call).front());
  std::byte* to = output.bytes().data();
  const std::int64_t outer = extent_between(output.shape(), 0, axis);
  for (std::int64_t o = 0; o < outer; ++o) {
    for (const Tensor& input : inputs) {
      const std::size_t block = input.bytes().size() / static_cast<std::size_t>(outer);
      const std::byte* from = input.bytes().data() + static_cast<std::size_t>(o) * block;
      to = std::copy_n(from, block, to);
    }
  }
  return {output};
}

}  // namespace

void register_concat(Registry<Operator>& registry) {
  registry.add({.name = "Concat",
                .doc = "the inputs one after the other along an axis",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_concat,
                .macs = no_macs,
                .forward = forward_concat});
}

}  // namespace offcut::ops
