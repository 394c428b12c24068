// PRelu: x, or slope * x where x < 0. The slope is broadcast to the input's shape. NaN stays NaN.

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/binary.h"

namespace offcut::ops {
namespace {

struct Bend {
  float operator()(float x, float slope) const { return x < 0 ? slope * x : x; }
};

std::vector<TensorType> infer_prelu(const Call& call) {
  require_inputs(call, 2, 2);
  const Shape& x = float_shape(call, 0);
  const Shape& slope = float_shape(call, 1);
  if (Broadcast(x, slope).shape() != x) {
    throw std::invalid_argument(
        fmt::format("slope {} does not fit input {}", to_text(slope), to_text(x)));
  }
  return {call.inputs[0]};
}

std::vector<Tensor> forward_prelu(const Call&, std::span<const Tensor> inputs) {
  return {map_pairs<Bend, float>(inputs[0], inputs[1])};
}

}  // namespace

void register_prelu(Registry<Operator>& registry) {
  registry.add({.name = "PRelu",
                .doc = "x, or slope * x where x < 0",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_prelu,
                .macs = no_macs,
                .forward = forward_prelu});
}

}  // namespace offcut::ops
