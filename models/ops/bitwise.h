#pragma once

#include "models/ops/operator.h"

namespace offcut::ops {

/// REQUIRES: input 0 holds integers; bools and real numbers have no bits to combine.
void require_integers(const Call& call);

/// The output type of BitwiseAnd, BitwiseOr and BitwiseXor.
std::vector<TensorType> infer_bitwise(const Call& call);

/// Calls f(T()) with the C++ type of the integers.
template <class F>
auto with_integer_type(DataType type, F f) {
  switch (type) {
    case DataType::uint8:
      return f(std::uint8_t());
    case DataType::int8:
      return f(std::int8_t());
    case DataType::int32:
      return f(std::int32_t());
    default:
      return f(std::int64_t());
  }
}

/// Makes an operator that combines the bits of a and b, of one integer type, with broadcasting.
Operator bitwise(std::string name, std::string doc,
                 std::vector<Tensor> (*forward)(const Call&, std::span<const Tensor>));

}  // namespace offcut::ops
