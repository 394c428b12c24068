#include "models/ops/binary.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {

DataType number_type(const Call& call) {
  call.shape(0);
  const DataType type = call.inputs[0].type;
  if (type == DataType::boolean) {
    throw std::invalid_argument("inputs are bool, expected numbers");
  }
  return type;
}

std::vector<TensorType> same_number_as_input(const Call& call) {
  require_inputs(call, 1, 1);
  number_type(call);
  return {call.inputs[0]};
}

std::vector<TensorType> infer_binary(const Call& call) {
  require_inputs(call, 2, 2);
  return infer_many(call);
}

std::vector<TensorType> infer_many(const Call& call) {
  require_inputs(call, std::max<std::size_t>(1, call.inputs.size()), call.inputs.size());
  if (call.opset < 7) {
    throw std::invalid_argument(fmt::format(
        "opset {}: only the broadcasting of opset 7 and later is supported", call.opset));
  }
  Shape shape = call.shape(0);
  for (std::size_t i = 1; i < call.inputs.size(); ++i) {
    require_same_type(call, 0, i);
    shape = Broadcast(shape, call.shape(i)).shape();
  }
  return {{number_type(call), std::move(shape)}};
}

}  // namespace offcut::ops
