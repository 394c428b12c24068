// Expand: the input, broadcast with the shape that the constant input 1 gives. Any element type.

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/broadcast.h"
#include "models/ops/rearrange.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_expand(const Call& call) {
  require_inputs(call, 2, 2);
  if (call.shape(1).size() != 1) {
    throw std::invalid_argument(
        fmt::format("the shape is {}, expected a list", to_text(call.inputs[1])));
  }
  const Shape wanted = output_type(DataType::absent, call.known_integers(1)).shape;
  return {{call.inputs[0].type, Broadcast(call.shape(0), wanted).shape()}};
}

std::vector<Tensor> forward_expand(const Call& call, std::span<const Tensor> inputs) {
  return {broadcast_to(inputs[0], infer_expand(call).front().shape)};
}

}  // namespace

void register_expand(Registry<Operator>& registry) {
  registry.add({.name = "Expand",
                .doc = "the input, broadcast to a given shape",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_expand,
                .macs = no_macs,
                .forward = forward_expand});
}

}  // namespace offcut::ops
