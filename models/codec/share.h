#pragma once

#include <cmath>
#include <cstdint>

namespace offcut::codec {

/// Returns a share of a count, as a whole number if it is one but for rounding: a share of 0.07 is
/// not exactly seven hundredths, and 100 times it would be a little more than 7.
inline double share_of(double share, std::int64_t count) {
  constexpr double kRounding = 1e-12;
  const double product = share * static_cast<double>(count);
  const double whole = std::round(product);
  return std::abs(product - whole) <= kRounding * whole ? whole : product;
}

}  // namespace offcut::codec
