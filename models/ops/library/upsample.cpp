// Upsample: Resize of opsets 7 to 9. The scales are an attribute up to opset 8 and a constant input
// in 9. Position p lies at p / scale, and the nearest element is the one before it.

#include "models/ops/arguments.h"
#include "models/ops/resize.h"

namespace offcut::ops {
namespace {

Resizing upsample_settings(const Call& call) {
  const bool is_input = call.opset >= 9;
  require_inputs(call, is_input ? 2 : 1, is_input ? 2 : 1);
  const Shape& x = float_shape(call, 0);
  Resizing result{.interpolation = interpolation_of(call)};
  result.axes = is_input ? axes_of_scales(x, known_floats(call, 1))
                         : axes_of_scales(x, call.attributes.numbers("scales", {}));
  return result;
}

std::vector<TensorType> infer_upsample(const Call& call) {
  return resized_type(upsample_settings(call));
}

std::vector<Tensor> forward_upsample(const Call& call, std::span<const Tensor> inputs) {
  return {resized(inputs[0], upsample_settings(call))};
}

}  // namespace

void register_upsample(Registry<Operator>& registry) {
  registry.add({.name = "Upsample",
                .doc = "an enlarged image: the nearest element or a linear blend",
                .kind = resize_kind,
                .infer = infer_upsample,
                .macs = no_macs,
                .forward = forward_upsample});
}

}  // namespace offcut::ops
