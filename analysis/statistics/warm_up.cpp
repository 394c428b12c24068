// MSER-5 in one pass from the last group of five values to the first: the mean and the sum of
// squared deviations of the groups so far are updated as Welford does (Technometrics 4(3), 1962),
// which does not lose digits if the values vary little around a large mean.

#include "analysis/statistics/warm_up.h"

#include <algorithm>
#include <limits>

namespace offcut::analysis {

std::optional<std::size_t> mser5_warm_up(std::span<const double> values) {
  constexpr std::size_t kGroup = 5, kLeastGroups = 10, kLeastKept = 5;
  const std::size_t groups = values.size() / kGroup;
  if (groups < kLeastGroups) {
    return std::nullopt;
  }
  const std::size_t least_kept = std::max<std::size_t>(kLeastKept, groups / 10);
  double mean = 0, squares = 0, least = std::numeric_limits<double>::infinity();
  std::size_t cut = 0;
  for (std::size_t group = groups; group-- > 0;) {
    double sum = 0;
    for (const double value : values.subspan(group * kGroup, kGroup)) {
      sum += value;
    }
    const auto count = static_cast<double>(groups - group);
    const double deviation = sum / kGroup - mean;
    mean += deviation / count;
    squares += deviation * (sum / kGroup - mean);
    if (groups - group < least_kept) {
      continue;
    }
    if (const double error = squares / (count * count); error <= least) {
      least = error;
      cut = group;
    }
  }
  return cut <= groups / 2 ? std::optional(cut * kGroup) : std::nullopt;
}

}  // namespace offcut::analysis
