// Sign: -1, 0 or 1 for each number. NaN stays NaN.

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

struct SignOf {
  template <class T>
  T operator()(T x) const {
    const T sign = x > 0 ? T{1} : static_cast<T>(x < 0 ? -1 : 0);
    return x != x ? x : sign;
  }
};

}  // namespace

void register_sign(Registry<Operator>& registry) {
  registry.add(unary_for_numbers<SignOf>("Sign", "-1, 0 or 1"));
}

}  // namespace offcut::ops
