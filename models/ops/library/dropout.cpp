// Dropout, inference: the input itself. Training is an error, whether an attribute (is_test = 0, up
// to opset 6) or an input (training_mode, from 12 on) requests it, unless the constant ratio is 0.
// The second output, the mask of the elements that are kept, is all ones: bools from opset 10 on,
// before that of the input's type.

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/element_types.h"

namespace offcut::ops {
namespace {

constexpr std::size_t kRatio = 1;
constexpr std::size_t kTrainingMode = 2;

bool drops_nothing(const Call& call) {
  if (!call.has(kRatio) || call.known[kRatio] == nullptr) {
    return false;
  }
  return call.inputs[kRatio] == TensorType{DataType::float32, {}} &&
         call.known[kRatio]->value().values<float>().front() == 0;
}

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

std::vector<TensorType> infer_dropout(const Call& call) {
  require_inputs(call, 1, call.opset < 12 ? 1 : 3);
  if (training(call) && !drops_nothing(call)) {
    throw std::invalid_argument("training is not supported");
  }
  if (call.outputs < 2) {
    return {call.inputs[0]};
  }
  const DataType mask = call.opset < 10 ? call.inputs[0].type : DataType::boolean;
  return {call.inputs[0], {mask, call.shape(0)}};
}

std::vector<Tensor> forward_dropout(const Call& call, std::span<const Tensor> inputs) {
  std::vector<Tensor> outputs = {inputs[0]};
  if (call.outputs >= 2) {
    outputs.emplace_back(infer_dropout(call)[1]);
    with_element_type(outputs[1].type().type, [&](auto zero) {
      using T = decltype(zero);
      const auto mask = outputs[1].values<T>();
      std::fill(mask.begin(), mask.end(), T{1});
    });
  }
  return outputs;
}

}  // namespace

void register_dropout(Registry<Operator>& registry) {
  registry.add({.name = "Dropout",
                .doc = "the input itself, as dropout is in inference",
                .kind =
                    [](const Call& call) {
                      return call.outputs < 2 ? LayerKind::view : LayerKind::data_movement;
                    },
                .infer = infer_dropout,
                .macs = no_macs,
                .forward = forward_dropout});
}

}  // namespace offcut::ops
