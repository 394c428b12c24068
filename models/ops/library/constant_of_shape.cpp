// ConstantOfShape: a tensor of the shape that the constant input 0 gives, filled with the one
// element of attribute `value` (by default a float32 0).

#include <fmt/format.h>

#include <cstring>
#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

Tensor value(const Call& call) {
  const auto given = call.attributes.tensor("value");
  if (given && given->size() != 1) {
    throw std::invalid_argument(
        fmt::format("attribute 'value' is {}, expected one element", to_text(given->type())));
  }
  return given ? *given : Tensor(TensorType{DataType::float32, {1}});
}

std::vector<TensorType> infer_constant_of_shape(const Call& call) {
  require_inputs(call, 1, 1);
  if (call.shape(0).size() != 1) {
    throw std::invalid_argument(
        fmt::format("the shape is {}, expected a list", to_text(call.inputs[0])));
  }
  return {output_type(value(call).type().type, call.known_integers(0))};
}

std::vector<Tensor> forward_constant_of_shape(const Call& call, std::span<const Tensor>) {
  Tensor output(infer_constant_of_shape(call).front());
  const Tensor one = value(call);
  const auto from = one.bytes();
  const auto to = output.bytes();
  for (std::size_t i = 0; i < to.size(); i += from.size()) {
    std::memcpy(to.data() + i, from.data(), from.size());
  }
  return {output};
}

}  // namespace

void register_constant_of_shape(Registry<Operator>& registry) {
  registry.add({.name = "ConstantOfShape",
                .doc = "a tensor of a given shape, filled with one value",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_constant_of_shape,
                .macs = no_macs,
                .forward = forward_constant_of_shape,
                .takes_short_floats = true});
}

}  // namespace offcut::ops
