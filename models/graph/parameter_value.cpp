#include "models/graph/parameter_value.h"

#include <fmt/format.h>

#include "models/base/memory_limit.h"

namespace offcut {
namespace {

[[noreturn]] void refuse_tensor(const MemoryError& error, const TensorNode& tensor) {
  throw error.within(fmt::format("tensor '{}'", tensor.name));
}

}  // namespace

const Tensor& parameter_value(const TensorNode& tensor) {
  try {
    return tensor.parameter->value();
  } catch (const MemoryError& error) {
    refuse_tensor(error, tensor);
  }
}

Tensor read_parameter(const TensorNode& tensor) {
  try {
    return tensor.parameter->read();
  } catch (const MemoryError& error) {
    refuse_tensor(error, tensor);
  }
}

}  // namespace offcut
