// Cast: each element as the type `to` (ONNX's number of it). Real numbers that become integers lose
// their fraction and are clamped to the type's limits; NaN becomes 0. Integers wrap around. A
// number that becomes a bool is true unless it is 0.

#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/convert.h"
#include "models/ops/type_codes.h"

namespace offcut::ops {
namespace {

DataType target(const Call& call) {
  if (!call.attributes.has("to")) {
    throw std::invalid_argument("attribute 'to' is missing");
  }
  return type_of_code(call.attributes.integer("to", 0));
}

std::vector<TensorType> infer_cast(const Call& call) {
  require_inputs(call, 1, 1);
  return {output_type(target(call), call.shape(0))};
}

std::vector<Tensor> forward_cast(const Call& call, std::span<const Tensor> inputs) {
  return {convert(inputs[0], target(call))};
}

}  // namespace

void register_cast(Registry<Operator>& registry) {
  registry.add({.name = "Cast",
                .doc = "each element as another type",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_cast,
                .macs = no_macs,
                .forward = forward_cast,
                .takes_short_floats = true});
}

}  // namespace offcut::ops
