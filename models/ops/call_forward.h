#pragma once

#include "models/ops/operator.h"

namespace offcut::ops {

/// Calls the operator's forward function. Errors get the layer's name and operator.
std::vector<Tensor> call_forward(const Layer& layer, const Call& call,
                                 std::span<const Tensor> inputs);

}  // namespace offcut::ops
