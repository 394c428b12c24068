// Where: a if the condition holds, else b, element by element, with broadcasting of all three.

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/broadcast.h"
#include "models/ops/element_types.h"
#include "models/ops/rearrange.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_where(const Call& call) {
  require_inputs(call, 3, 3);
  if (call.inputs[0].type != DataType::boolean) {
    throw std::invalid_argument(
        fmt::format("the condition is {}, expected bool", to_text(call.inputs[0].type)));
  }
  require_same_type(call, 1, 2);
  const Shape either = Broadcast(call.shape(1), call.shape(2)).shape();
  return {{call.inputs[1].type, Broadcast(call.shape(0), either).shape()}};
}

std::vector<Tensor> forward_where(const Call& call, std::span<const Tensor> inputs) {
  Tensor output(infer_where(call).front());
  const Tensor condition = broadcast_to(inputs[0], output.shape());
  const Tensor a = broadcast_to(inputs[1], output.shape());
  const Tensor b = broadcast_to(inputs[2], output.shape());
  with_element_type(output.type().type, [&](auto zero) {
    using T = decltype(zero);
    const auto holds = condition.values<bool>();
    const auto to = output.values<T>();
    for (std::size_t i = 0; i < to.size(); ++i) {
      to[i] = holds[i] ? a.values<T>()[i] : b.values<T>()[i];
    }
  });
  return {output};
}

}  // namespace

void register_where(Registry<Operator>& registry) {
  registry.add({.name = "Where",
                .doc = "a if the condition holds, else b, with broadcasting",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_where,
                .macs = no_macs,
                .forward = forward_where});
}

}  // namespace offcut::ops
