#pragma once

#include <optional>
#include <span>

namespace offcut::analysis {

/// Returns Kendall's tau-b of pairs (Kendall 1945): 1 if both rank alike, -1 if they rank in
/// opposite orders. None if all values of one of them are equal, or for fewer than two pairs.
/// REQUIRES: equal numbers of values.
std::optional<double> kendall(std::span<const double> a, std::span<const double> b);

/// Returns Spearman's rank correlation of pairs, where equal values have the mean of their ranks.
/// None and REQUIRES as above.
std::optional<double> spearman(std::span<const double> a, std::span<const double> b);

}  // namespace offcut::analysis
