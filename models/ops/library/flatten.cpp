// Flatten: a matrix whose rows are the axes before `axis` and whose columns are the rest. No copy.

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_flatten(const Call& call) {
  require_inputs(call, 1, 1);
  const Shape& x = call.shape(0);
  const std::int64_t axis = call.attributes.integer("axis", 1);
  const bool at_end = axis == static_cast<std::int64_t>(x.size());
  const std::size_t split = at_end ? x.size() : axis_in(axis, x.size());
  return {{call.inputs[0].type, {extent_between(x, 0, split), extent_between(x, split, x.size())}}};
}

std::vector<Tensor> forward_flatten(const Call& call, std::span<const Tensor> inputs) {
  return {inputs[0].reshaped(infer_flatten(call).front().shape)};
}

}  // namespace

void register_flatten(Registry<Operator>& registry) {
  registry.add({.name = "Flatten",
                .doc = "a matrix: the axes before `axis` as rows, the others as columns",
                .kind = always<LayerKind::view>,
                .infer = infer_flatten,
                .macs = no_macs,
                .forward = forward_flatten});
}

}  // namespace offcut::ops
