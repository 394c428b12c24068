#pragma once

#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

namespace offcut::analysis {

/// Returns the p-values adjusted for their number by Holm's step-down method: with those in
/// ascending order, the largest of (n - i) * p_i up to each one, at most 1 (Holm, "A Simple
/// Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6(2), 1979).
/// Rejecting those below 1 - confidence makes the probability of any false rejection at most that,
/// whatever the dependence of the tests.
inline std::vector<double> holm_adjusted(std::span<const double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double most = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const double own = static_cast<double>(order.size() - i) * p_values[order[i]];
    most = std::max(most, std::min(1.0, own));
    adjusted[order[i]] = most;
  }
  return adjusted;
}

}  // namespace offcut::analysis
