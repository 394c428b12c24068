// BitwiseAnd: a and b, bit by bit, of integers of one type, with broadcasting.

#include "models/ops/binary.h"
#include "models/ops/bitwise.h"

namespace offcut::ops {
namespace {

struct BitsAnd {
  template <class T>
  T operator()(T a, T b) const {
    return static_cast<T>(a & b);
  }
};

std::vector<Tensor> forward_bitwise_and(const Call&, std::span<const Tensor> inputs) {
  return {with_integer_type(inputs[0].type().type, [&](auto zero) {
    return map_pairs<BitsAnd, decltype(zero)>(inputs[0], inputs[1]);
  })};
}

}  // namespace

void register_bitwise_and(Registry<Operator>& registry) {
  registry.add(
      bitwise("BitwiseAnd", "a and b, bit by bit, with broadcasting", forward_bitwise_and));
}

}  // namespace offcut::ops
