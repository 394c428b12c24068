#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "analysis/statistics/interval.h"

namespace offcut::analysis {

/// The quantiles of which steady_state() has intervals.
inline constexpr std::array<double, 5> kSteadyQuantiles = {0.5, 0.9, 0.95, 0.99, 0.999};

/// A run is long enough for an interval if its values are worth so many independent ones.
inline constexpr double kLeastEffective = 400;

/// How the values of the warm-up are found.
enum class WarmUp {
  log_mser5,  // MSER-5 on the logarithms: latencies are skewed, see mser5_warm_up().
  mser5,      // The original.
};

/// The figures of one run after its warm-up.
struct SteadyState {
  std::size_t warm_up = 0;  // The values at the start that were cut.
  /// The number of independent values whose mean would be as precise as that of the others: n * the
  /// variance of a value / the asymptotic variance of the mean. 0 if there are too few to tell.
  double effective = 0;
  /// Both empty if the run is too short; a quantile also if its tail has too few values.
  std::optional<Interval> mean;
  std::array<std::optional<Interval>, kSteadyQuantiles.size()> quantiles;
  /// The estimates, which a run that is too short has as well; none of a run without a warm-up.
  std::optional<double> mean_estimate;
  std::array<std::optional<double>, kSteadyQuantiles.size()> quantile_estimates;
  std::string too_short;       // The reason why the mean has no interval; empty if it has one.
  std::string tail_too_short;  // The reason why only some quantiles have one; empty otherwise.
};

/// Returns the intervals of the long-run mean and quantiles from the autocorrelated values of one
/// stationary run, in their order, after the first `warm_up` values.
///
/// The mean has batch means (Conway 1963; Law, Simulation Modeling and Analysis, 2015, section
/// 9.5.3) with 64 batches, Student's t, Willink's adjustment for skewness (Communications in
/// Statistics - Theory and Methods 34(4), 2005), and Skart's for batches that are still correlated
/// (Tafazzoli and Wilson, IIE Transactions 43(2), 2011). The quantile q has the order statistics
/// between which the same method on the indicators `value <= q` puts it (after Heidelberger and
/// Lewis, Operations Research 32(1), 1984). The run is too short
/// - if the batch means are not independent: von Neumann's ratio of neighbours, and an analysis of
///   variance of 16 groups of 4 batches, which finds trends and slower correlation, each at 1 %;
/// - if its values are worth fewer than kLeastEffective independent ones; quantiles also need 10
///   beyond them.
/// Among runs of one length near this threshold, those that pass are the ones whose variance
/// happens to look small. Up to 1.5 times the threshold, the mean's interval is therefore that of
/// a run at the threshold; from there to twice the threshold it approaches its own.
///
/// bench_coverage prints the coverage. O(n) time, 8 bytes of memory for each value.
/// REQUIRES finite values, 0 < confidence < 1 (std::invalid_argument).
SteadyState steady_state(std::span<const double> values, std::size_t warm_up, double confidence);

/// Returns the same after the warm-up that the method finds. The run is too short if there is none.
SteadyState steady_state(std::span<const double> values, WarmUp method, double confidence);

}  // namespace offcut::analysis
