// Unsqueeze: the input with new axes of extent 1 at the places `axes` of the output (an attribute
// up to opset 12, input 1 from 13 on). No copy.

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

constexpr std::size_t kMostAxes = 64;  // Rejects absurd lists before they become absurd shapes.

std::vector<TensorType> infer_unsqueeze(const Call& call) {
  require_inputs(call, 1, call.opset < 13 ? 1 : 2);
  const auto list = list_argument(call, "axes", 1, 13);
  if (!list) {
    throw std::invalid_argument("the axes are missing");
  }
  if (list->size() > kMostAxes) {
    throw std::invalid_argument(fmt::format("{} new axes are too many", list->size()));
  }
  TensorType output{call.inputs[0].type, {}};
  auto next = call.shape(0).begin();
  for (const bool is_new : axes_in(*list, call.shape(0).size() + list->size())) {
    output.shape.push_back(is_new ? 1 : *next++);
  }
  return {output};
}

std::vector<Tensor> forward_unsqueeze(const Call& call, std::span<const Tensor> inputs) {
  return {inputs[0].reshaped(infer_unsqueeze(call).front().shape)};
}

}  // namespace

void register_unsqueeze(Registry<Operator>& registry) {
  registry.add({.name = "Unsqueeze",
                .doc = "the input with new axes of extent 1",
                .kind = always<LayerKind::view>,
                .infer = infer_unsqueeze,
                .macs = no_macs,
                .forward = forward_unsqueeze});
}

}  // namespace offcut::ops
