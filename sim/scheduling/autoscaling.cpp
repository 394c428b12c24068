#include "sim/scheduling/autoscaling.h"

#include <algorithm>
#include <cmath>

namespace offcut::scheduling {

std::size_t machines_for(std::size_t machines, double ratio, double tolerance) {
  constexpr double kMost = 1e9;
  // A mean over time that is a whole number may come out a little above it.
  constexpr double kRounding = 1e-9;
  if (std::abs(ratio - 1) <= tolerance) {
    return machines;
  }
  const double wanted = static_cast<double>(machines) * ratio;
  return static_cast<std::size_t>(std::ceil(std::clamp(wanted - kRounding, 0.0, kMost)));
}

ParameterSpec tolerance_parameter() {
  constexpr double kUsual = 0.1;
  return {.name = "tolerance",
          .fallback = kUsual,
          .most = 1,
          .doc = "the relative deviation from the target that changes nothing"};
}

}  // namespace offcut::scheduling
