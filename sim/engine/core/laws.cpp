#include "sim/engine/core/laws.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace offcut::engine {

void check_law(const std::string& resource, const char* law, double a, double b, double scale) {
  // Both sums have as many terms as there were events, and their rounding errors stay far below it.
  constexpr double kTolerance = 1e-9;
  if (std::abs(a - b) > kTolerance * std::max(scale, std::max(std::abs(a), std::abs(b)))) {
    throw std::logic_error(
        fmt::format("{} does not hold on {}: {:.17g} s against {:.17g} s", law, resource, a, b));
  }
}

}  // namespace offcut::engine
