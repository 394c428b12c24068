#pragma once

#include <span>
#include <vector>

namespace offcut::cost {

/// The x >= 0 with the least |A x - b|, by the active-set method of Lawson and Hanson (Solving
/// Least Squares Problems, 1974, ch. 23). `rows` are A's, all as long as each other; b has one
/// number for each. REQUIRES: at least one row.
std::vector<double> nonnegative_least_squares(const std::vector<std::vector<double>>& rows,
                                              std::span<const double> b);

}  // namespace offcut::cost
