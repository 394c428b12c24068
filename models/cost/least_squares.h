#pragma once

#include <span>
#include <vector>

namespace offcut::cost {

/// Returns the x >= 0 with the least |A x - b|, by the active-set method of Lawson and Hanson
/// (Solving Least Squares Problems, 1974, ch. 23). `rows` are the rows of A; b has one number for
/// each. REQUIRES: there is at least one row, and all rows have the same length.
std::vector<double> nonnegative_least_squares(const std::vector<std::vector<double>>& rows,
                                              std::span<const double> b);

}  // namespace offcut::cost
