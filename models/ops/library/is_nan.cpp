// IsNaN: whether each element is a NaN.

#include <cmath>

#include "models/ops/predicate.h"

namespace offcut {
namespace {

struct Of {
  explicit Of(const Attributes&) {}
  bool operator()(float x) const { return std::isnan(x); }
};

}  // namespace

void register_is_nan(Registry<Operator>& registry) {
  registry.add(predicate<Of>("IsNaN", "whether an element is a NaN"));
}

}  // namespace offcut
