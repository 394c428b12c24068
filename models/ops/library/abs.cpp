// Abs: |x| for each element. The smallest integer stays unchanged.

#include <cmath>
#include <functional>

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

struct Magnitude {
  template <class T>
  T operator()(T x) const {
    if constexpr (std::is_integral_v<T>) {
      return x < 0 ? wrapping(T{0}, x, std::minus<>()) : x;
    } else {
      return std::abs(x);
    }
  }
};

}  // namespace

void register_abs(Registry<Operator>& registry) {
  registry.add(unary_for_numbers<Magnitude>("Abs", "|x|"));
}

}  // namespace offcut::ops
