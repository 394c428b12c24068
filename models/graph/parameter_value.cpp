#include "models/graph/parameter_value.h"

#include <fmt/format.h>

#include "models/base/memory_limit.h"

namespace offcut {

const Tensor& parameter_value(const TensorNode& tensor) {
  try {
    return tensor.parameter->value();
  } catch (const MemoryError& error) {
    throw error.within(fmt::format("tensor '{}'", tensor.name));
  }
}

}  // namespace offcut
