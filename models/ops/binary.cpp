#include "models/ops/binary.h"

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut {

std::vector<TensorType> infer_binary(const Call& call) {
  require_inputs(call, 2, 2);
  if (call.opset < 7) {
    throw std::invalid_argument(fmt::format(
        "opset {}: only the broadcasting of opset 7 and later is supported", call.opset));
  }
  require_same_type(call, 0, 1);
  const DataType type = call.inputs[0].type;
  if (type != DataType::float32 && type != DataType::int64 && type != DataType::int32) {
    throw std::invalid_argument(
        fmt::format("inputs are {}, only float32, int64 and int32 are supported", to_text(type)));
  }
  return {{type, Broadcast(call.shape(0), call.shape(1)).shape()}};
}

}  // namespace offcut
