#pragma once

#include "models/ops/operator.h"

namespace offcut::ops {

// The functions of an operator on tensors of any element type. An operator that does not take
// floats of 16 bits gets them as float32, and its outputs of float32 are rounded to the type of its
// first such input: computed in float32, stored in 16 bits. The same holds for float64 where the
// operator computes in float32 only, at float32's accuracy. If input 0 is float32 itself, outputs
// stay float32.
//
// All functions throw what the operator's own functions throw.

std::vector<TensorType> infer_outputs(const Operator& op, const Call& call);
LayerKind kind_of(const Operator& op, const Call& call);
double count_macs(const Operator& op, const Call& call, std::span<const TensorType> outputs);
std::vector<Tensor> run_operator(const Operator& op, const Call& call,
                                 std::span<const Tensor> inputs);

}  // namespace offcut::ops
