// IsNaN: whether each element is a NaN.

#include <cmath>

#include "models/ops/predicate.h"

namespace offcut::ops {
namespace {

struct IsNanFunction {
  explicit IsNanFunction(const Attributes&) {}
  bool operator()(float x) const { return std::isnan(x); }
};

}  // namespace

void register_is_nan(Registry<Operator>& registry) {
  registry.add(predicate<IsNanFunction>("IsNaN", "whether an element is a NaN"));
}

}  // namespace offcut::ops
