// Neg: -x for each element. Integers wrap around.

#include <functional>

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

struct Opposite {
  template <class T>
  T operator()(T x) const {
    if constexpr (std::is_integral_v<T>) {
      return wrapping(T{0}, x, std::minus<>());
    } else {
      return -x;
    }
  }
};

}  // namespace

void register_neg(Registry<Operator>& registry) {
  registry.add(unary_for_numbers<Opposite>("Neg", "-x"));
}

}  // namespace offcut::ops
