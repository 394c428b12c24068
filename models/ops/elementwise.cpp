#include "models/ops/elementwise.h"

#include <fmt/format.h>

#include <stdexcept>

namespace offcut {

std::vector<TensorType> same_as_input(const Call& call) {
  call.shape(0);
  if (call.inputs[0].type != DataType::float32) {
    throw std::invalid_argument(
        fmt::format("input 0 is {}, only float32 is supported", to_text(call.inputs[0].type)));
  }
  return {call.inputs[0]};
}

}  // namespace offcut
