// Size: the number of elements of the input, as an int64 scalar. The import turns it into a
// constant, unless it makes an output of the model.

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_size(const Call& call) {
  require_inputs(call, 1, 1);
  return {{DataType::int64, {}}};
}

std::vector<Tensor> forward_size(const Call& call, std::span<const Tensor>) {
  const std::int64_t count = elements(call.shape(0));
  return {Tensor({}, std::span<const std::int64_t>(&count, 1))};
}

}  // namespace

void register_size(Registry<Operator>& registry) {
  registry.add({.name = "Size",
                .doc = "the number of elements of the input",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_size,
                .macs = no_macs,
                .forward = forward_size});
}

}  // namespace offcut::ops
