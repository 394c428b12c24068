#pragma once

#include "models/ops/binary.h"
#include "models/ops/element_types.h"

namespace offcut::ops {

/// The output type of comparisons, bool. Equality accepts elements of any type, order numbers,
/// logic bools.
std::vector<TensorType> infer_equality(const Call& call);
std::vector<TensorType> infer_order(const Call& call);
std::vector<TensorType> infer_logic(const Call& call);

template <class F>
std::vector<Tensor> forward_comparison(const Call&, std::span<const Tensor> inputs) {
  return {with_element_type(inputs[0].type().type, [&](auto zero) {
    return map_pairs<F, decltype(zero)>(inputs[0], inputs[1]);
  })};
}
template <class F>
std::vector<Tensor> forward_logic(const Call&, std::span<const Tensor> inputs) {
  return {map_pairs<F, bool>(inputs[0], inputs[1])};
}

}  // namespace offcut::ops
