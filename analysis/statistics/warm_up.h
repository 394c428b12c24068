#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace offcut::analysis {

/// Returns the number of values at the start that belong to the warm-up, by MSER-5 (White, Cobb and
/// Spratt, "A comparison of five steady-state truncation heuristics for simulation", Winter
/// Simulation Conference 2000; White, Simulation 69(6), 1997): a multiple of 5. The values become
/// means of 5; of the k means, the first d are cut for which the squared standard error of the
/// others, sum (mean_j - their mean)^2 / (k - d)^2, is smallest; of several equal d, the smallest
/// counts. At least 5 means and a tenth of all stay, since a few neighbours can be equal by chance.
/// Values vary by a relative 1e-9 at least: those that are equal but for rounding have no warm-up.
/// None if d is in the second half of the run (d > k / 2): the run is then too short. None for
/// fewer than 10 means, too. O(n) time, O(1) memory. REQUIRES finite values.
std::optional<std::size_t> mser5_warm_up(std::span<const double> values);

/// Returns the same of the logarithms of the means of 5, for latencies in seconds (less than 1 ns
/// counts as 1 ns). The variance of latencies grows with their mean: the original cuts a busy time
/// at the start as if it were a warm-up, but no quiet one, and so underestimates the mean, by 0.13
/// of its standard deviation for 100,000 requests to M/M/1 at load 0.9. Logarithms rise and fall
/// alike.
std::optional<std::size_t> log_mser5_warm_up(std::span<const double> values);

}  // namespace offcut::analysis
