#include "models/ops/comparison.h"

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {

std::vector<TensorType> infer_equality(const Call& call) {
  require_inputs(call, 2, 2);
  if (call.opset < 7) {
    throw std::invalid_argument(fmt::format(
        "opset {}: only the broadcasting of opset 7 and later is supported", call.opset));
  }
  require_same_type(call, 0, 1);
  return {{DataType::boolean, Broadcast(call.shape(0), call.shape(1)).shape()}};
}

std::vector<TensorType> infer_order(const Call& call) {
  auto outputs = infer_equality(call);
  if (call.inputs[0].type == DataType::boolean) {
    throw std::invalid_argument("bools have no order");
  }
  return outputs;
}

std::vector<TensorType> infer_logic(const Call& call) {
  auto outputs = infer_equality(call);
  if (call.inputs[0].type != DataType::boolean) {
    throw std::invalid_argument(
        fmt::format("inputs are {}, expected bool", to_text(call.inputs[0].type)));
  }
  return outputs;
}

}  // namespace offcut::ops
