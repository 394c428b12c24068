// CastLike: each element of the first input as the type of the second; see Cast.

#include "models/ops/arguments.h"
#include "models/ops/convert.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_cast_like(const Call& call) {
  require_inputs(call, 2, 2);
  return {output_type(call.inputs[1].type, call.shape(0))};
}

std::vector<Tensor> forward_cast_like(const Call&, std::span<const Tensor> inputs) {
  return {convert(inputs[0], inputs[1].type().type)};
}

}  // namespace

void register_cast_like(Registry<Operator>& registry) {
  registry.add({.name = "CastLike",
                .doc = "each element as the type of another tensor",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_cast_like,
                .macs = no_macs,
                .forward = forward_cast_like,
                .takes_short_floats = true});
}

}  // namespace offcut::ops
