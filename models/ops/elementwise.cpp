#include "models/ops/elementwise.h"

#include "models/ops/arguments.h"

namespace offcut::ops {

std::vector<TensorType> same_as_input(const Call& call) {
  require_inputs(call, 1, 1);
  float_shape(call, 0);
  return {call.inputs[0]};
}

}  // namespace offcut::ops
