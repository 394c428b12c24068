#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace offcut {

/// Returns the quantile of the values, linear between neighbours (Hyndman and Fan's type 7, the
/// default of NumPy and R). Reorders the values, and needs neither a copy nor a complete sort.
/// REQUIRES: values is not empty, 0 <= share <= 1.
inline double quantile_in_place(std::span<double> values, double share) {
  const double position = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::ptrdiff_t>(position);
  const auto lower = values.begin() + below;
  std::nth_element(values.begin(), lower, values.end());
  if (lower + 1 == values.end()) {
    return *lower;
  }
  const double upper = *std::min_element(lower + 1, values.end());
  return std::lerp(*lower, upper, position - static_cast<double>(below));
}

/// Returns the same quantile, and leaves the caller's values in their order.
inline double quantile(std::vector<double> values, double share) {
  return quantile_in_place(values, share);
}

}  // namespace offcut
