// MSER-5 in one pass from the last group of five values to the first: the mean and the sum of
// squared deviations of the groups so far are updated as Welford does (Technometrics 4(3), 1962),
// which does not lose digits if the values vary little around a large mean.

#include "analysis/statistics/warm_up.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "analysis/statistics/interval.h"

namespace offcut::analysis {
namespace {

constexpr double kLeastLatency = 1e-9;

/// Returns the warm-up by MSER-5 of a function of the means of groups, whose values are rounded by
/// so much.
template <class Scale>
std::optional<std::size_t> mser5(std::span<const double> values, double rounding, Scale scale) {
  constexpr std::size_t kGroup = 5, kLeastGroups = 10, kLeastKept = 5;
  const std::size_t groups = values.size() / kGroup;
  if (groups < kLeastGroups) {
    return std::nullopt;
  }
  const std::size_t least_kept = std::max<std::size_t>(kLeastKept, groups / 10);
  double mean = 0, squares = 0, least = std::numeric_limits<double>::infinity();
  std::size_t cut = 0;
  for (std::size_t group = groups; group-- > 0;) {
    const double* five = values.data() + group * kGroup;
    const double value = scale((five[0] + five[1] + five[2] + five[3] + five[4]) / kGroup);
    const auto count = static_cast<double>(groups - group);
    const double deviation = value - mean;
    mean += deviation / count;
    squares += deviation * (value - mean);
    if (groups - group < least_kept) {
      continue;
    }
    const double error = squares / (count * count) + rounding * rounding / count;
    if (error <= least) {
      least = error;
      cut = group;
    }
  }
  return cut <= groups / 2 ? std::optional(cut * kGroup) : std::nullopt;
}

}  // namespace

std::optional<std::size_t> mser5_warm_up(std::span<const double> values) {
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) /
                      std::max(1.0, static_cast<double>(values.size()));
  return mser5(values, kRounding * mean, [](double value) { return value; });
}

std::optional<std::size_t> log_mser5_warm_up(std::span<const double> values) {
  return mser5(values, kRounding,
               [](double value) { return std::log(std::max(value, kLeastLatency)); });
}

}  // namespace offcut::analysis
