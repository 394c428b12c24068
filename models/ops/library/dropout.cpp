// Dropout, inference: the input itself. Training is refused, whether an attribute (is_test = 0, up
// to opset 6) or an input (training_mode, from 12 on) asks for it, and so is the second output.

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut {
namespace {

constexpr std::size_t kTrainingMode = 2;

bool training(const Call& call) {
  if (call.opset < 7) {
    return call.attributes.integer("is_test", 0) == 0;
  }
  if (!call.has(kTrainingMode)) {
    return false;
  }
  if (call.inputs[kTrainingMode] != TensorType{DataType::boolean, {}}) {
    throw std::invalid_argument(fmt::format("training_mode is {}, expected a bool scalar",
                                            to_text(call.inputs[kTrainingMode])));
  }
  const Parameter* known = call.known[kTrainingMode];
  if (known == nullptr) {
    throw std::invalid_argument("training_mode must be a constant");
  }
  return known->value().values<bool>().front();
}

std::vector<TensorType> infer(const Call& call) {
  require_inputs(call, 1, call.opset < 12 ? 1 : 3);
  if (training(call)) {
    throw std::invalid_argument("training is not supported");
  }
  return {call.inputs[0]};
}

std::vector<Tensor> forward(const Call&, std::span<const Tensor> inputs) { return {inputs[0]}; }

}  // namespace

void register_dropout(Registry<Operator>& registry) {
  registry.add({.name = "Dropout",
                .doc = "the input itself, as dropout is in inference",
                .kind = always<LayerKind::view>,
                .infer = infer,
                .macs = no_macs,
                .forward = forward});
}

}  // namespace offcut
