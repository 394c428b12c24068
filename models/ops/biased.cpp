// The types of element-wise functions of x + bias.

#include "models/ops/biased.h"

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {

std::vector<TensorType> infer_biased(const Call& call, std::size_t least) {
  require_inputs(call, least, 2);
  const Shape& x = float_shape(call, 0);
  if (call.has(1) && (x.empty() || float_shape(call, 1) != Shape{x.back()})) {
    throw std::invalid_argument(fmt::format("bias {} does not fit the last axis of {}",
                                            to_text(call.shape(1)), to_text(x)));
  }
  return {call.inputs[0]};
}

}  // namespace offcut::ops
