#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace offcut::analysis {

/// Simulated times are rounded: values that differ by a smaller share than this are equal.
inline constexpr double kRounding = 1e-9;
bool are_equal_but_for_rounding(double a, double b);

// Confidence intervals of independent values, such as the figures of replications. All
// distributions are those of Boost.Math. All functions throw std::invalid_argument unless
// 0 < confidence < 1, and if a value is not finite.

/// An estimate with the interval that covers the true figure with the given confidence.
struct Interval {
  double estimate = 0;
  double low = 0, high = 0;
  /// The probability with which the interval covers the figure. That of order statistics is at
  /// least the one that was asked for, and usually more.
  double confidence = 0;
  std::size_t values = 0;  // The number of independent values from which it was computed.

  /// Half of the width. The estimate is in the middle if the method is symmetric.
  double half_width() const { return (high - low) / 2; }
  bool covers(double value) const { return low <= value && value <= high; }
};

/// Returns the quantile of Student's t for a two-sided interval: P(|T| <= t) = confidence. REQUIRES
/// degrees > 0.
double student_t(double degrees, double confidence);

/// Returns the interval of the mean by Student's t: mean +- t * s / sqrt(n) (Law, Simulation
/// Modeling and Analysis, 2015, eq. 4.12). None for fewer than two values.
std::optional<Interval> mean_interval(std::span<const double> values, double confidence);

/// The difference of two variants that were measured in pairs.
struct PairedDifference {
  Interval difference;  // The mean of a - b.
  /// The probability of a difference at least as large if the true one is 0, by the two-sided t
  /// test. It is below 1 - confidence if and only if the interval excludes 0. 1 if all pairs are
  /// equal.
  double p_value = 1;

  bool is_significant() const { return p_value < 1 - difference.confidence; }
};

/// Returns the interval of the mean difference a - b (Law, section 10.2.1: the paired t
/// approach). Replication i of both variants should have common random numbers. Values that
/// are equal but for rounding count as equal. None for fewer than two
/// pairs. Throws std::invalid_argument if the numbers of values differ.
std::optional<PairedDifference> paired_interval(std::span<const double> a,
                                                std::span<const double> b, double confidence);

/// The 1-based ranks between which a quantile lies, and the probability that it does.
struct RankInterval {
  std::size_t low = 0, high = 0;
  double confidence = 0;
};

/// Returns the order statistics between which the `share` quantile of any continuous distribution
/// lies, each side with an error of at most (1 - confidence) / 2: the number of `count` values
/// below the quantile is binomial (Conover, Practical Nonparametric Statistics, 1999, section 3.2).
/// None if there are too few values, such as 100 for the 99.9 % quantile. REQUIRES 0 < share < 1.
std::optional<RankInterval> quantile_ranks(std::size_t count, double share, double confidence);

/// Returns the interval of a quantile of independent values from their order statistics, with the
/// confidence that it reaches. The estimate is linear between neighbours, like quantile_in_place().
/// None if there are too few values. REQUIRES `sorted` in ascending order, 0 < share < 1.
std::optional<Interval> quantile_interval(std::span<const double> sorted, double share,
                                          double confidence);

/// The half-width at which an interval is precise enough.
struct Precision {
  enum class Of { the_estimate, absolute };
  double half_width = 0;  // Above 0. A share of |estimate|, or in the unit of the figure.
  Of of = Of::the_estimate;

  bool reached_by(const Interval& interval) const;
};

/// Returns the number of values with which mean_interval() is expected to be so precise: the
/// smallest n >= values.size() with t(n - 1) * s / sqrt(n) <= half-width, where the mean and the
/// variance of the values so far stand for those of all (Law, eqs. 9.2 and 9.3). None for fewer
/// than two values, for a share of a mean of 0, and above kMostValuesNeeded.
std::optional<std::size_t> values_needed(std::span<const double> values, double confidence,
                                         Precision precision);

inline constexpr std::size_t kMostValuesNeeded = std::size_t{1} << 40;

}  // namespace offcut::analysis
