// IsInf: whether each element is infinite, with a sign that detect_positive and detect_negative
// accept (by default both).

#include <limits>

#include "models/ops/predicate.h"

namespace offcut::ops {
namespace {

struct IsInfFunction {
  bool positive, negative;

  explicit IsInfFunction(const Attributes& attributes)
      : positive(attributes.integer("detect_positive", 1) != 0),
        negative(attributes.integer("detect_negative", 1) != 0) {}
  bool operator()(float x) const {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    return (positive && x == kInfinity) || (negative && x == -kInfinity);
  }
};

}  // namespace

void register_is_inf(Registry<Operator>& registry) {
  registry.add(predicate<IsInfFunction>("IsInf", "whether an element is infinite"));
}

}  // namespace offcut::ops
