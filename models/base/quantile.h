#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace offcut {

/// Interpolates linearly between the two values around the quantile. REQUIRES: `values` is not
/// empty, and 0 <= share <= 1.
inline double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const double place = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return std::lerp(values[below], values[above], place - static_cast<double>(below));
}

}  // namespace offcut
