// Student's t for means and paired differences, and binomial order statistics for quantiles. The
// variance is summed over deviations from the mean, so that it is 0 for equal values.

#include "analysis/statistics/interval.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace offcut::analysis {
namespace {

using StudentT = boost::math::students_t_distribution<double>;

void check_confidence(double confidence) {
  if (!(confidence > 0 && confidence < 1)) {
    throw std::invalid_argument("the confidence must be between 0 and 1");
  }
}

struct Moments {
  double mean = 0;
  double standard_error = 0;  // The standard error, s / sqrt(n).
};

/// REQUIRES at least two values.
Moments moments(std::span<const double> values) {
  const auto count = static_cast<double>(values.size());
  // Equal values have exactly their own value for a mean: the sum may be rounded.
  const double first = values.front();
  double sum = 0;
  for (const double value : values) {
    if (!std::isfinite(value)) {
      throw std::invalid_argument("a value is not finite");
    }
    sum += value - first;
  }
  const double mean = first + sum / count;
  double squares = 0;
  for (const double value : values) {
    squares += (value - mean) * (value - mean);
  }
  return {mean, std::sqrt(squares / (count - 1) / count)};
}

double linear_quantile(std::span<const double> sorted, double share) {
  const double position = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  return below + 1 == sorted.size()
             ? sorted[below]
             : std::lerp(sorted[below], sorted[below + 1], position - static_cast<double>(below));
}

}  // namespace

double student_t(double degrees, double confidence) {
  check_confidence(confidence);
  return boost::math::quantile(boost::math::complement(StudentT(degrees), (1 - confidence) / 2));
}

std::optional<Interval> mean_interval(std::span<const double> values, double confidence) {
  check_confidence(confidence);
  if (values.size() < 2) {
    return std::nullopt;
  }
  const Moments found = moments(values);
  const double half =
      student_t(static_cast<double>(values.size() - 1), confidence) * found.standard_error;
  return Interval{.estimate = found.mean,
                  .low = found.mean - half,
                  .high = found.mean + half,
                  .confidence = confidence,
                  .values = values.size()};
}

bool are_equal_but_for_rounding(double a, double b) {
  return std::abs(a - b) <= kRounding * std::max(std::abs(a), std::abs(b));
}

std::optional<PairedDifference> paired_interval(std::span<const double> a,
                                                std::span<const double> b, double confidence) {
  if (a.size() != b.size()) {
    throw std::invalid_argument("pairs need the same number of values on both sides");
  }
  std::vector<double> differences(a.size());
  std::transform(a.begin(), a.end(), b.begin(), differences.begin(), [](double one, double other) {
    return are_equal_but_for_rounding(one, other) ? 0.0 : one - other;
  });
  const std::optional<Interval> interval = mean_interval(differences, confidence);
  if (!interval) {
    return std::nullopt;
  }
  PairedDifference result{.difference = *interval};
  const double error = moments(differences).standard_error;
  if (error > 0) {
    const double t = std::abs(interval->estimate) / error;
    const StudentT distribution(static_cast<double>(a.size() - 1));
    result.p_value = 2 * boost::math::cdf(boost::math::complement(distribution, t));
  } else if (interval->estimate != 0) {
    result.p_value = 0;  // All pairs have the same difference.
  }
  return result;
}

std::optional<RankInterval> quantile_ranks(std::size_t count, double share, double confidence) {
  check_confidence(confidence);
  if (count == 0) {
    return std::nullopt;
  }
  namespace bm = boost::math;
  // Quantiles are rounded to whole numbers of values: down on the left, up on the right.
  using Down =
      bm::policies::policy<bm::policies::discrete_quantile<bm::policies::integer_round_down>>;
  using Up = bm::policies::policy<bm::policies::discrete_quantile<bm::policies::integer_round_up>>;
  const auto n = static_cast<double>(count);
  const double tail = (1 - confidence) / 2;
  const bm::binomial_distribution<double, Down> below(n, share);
  const bm::binomial_distribution<double, Up> above(n, share);
  // X(low) is above the quantile if fewer than `low` values are below it: cdf(low - 1) <= tail.
  double low = std::max(0.0, bm::quantile(below, tail));
  while (low > 0 && bm::cdf(below, low - 1) > tail) {
    --low;
  }
  while (low < n && bm::cdf(below, low) <= tail) {
    ++low;
  }
  // X(high) is below it if at least `high` are: 1 - cdf(high - 1) <= tail.
  double high = std::min(n, bm::quantile(bm::complement(above, tail))) + 1;
  while (high <= n && bm::cdf(bm::complement(above, high - 1)) > tail) {
    ++high;
  }
  while (high > 1 && bm::cdf(bm::complement(above, high - 2)) <= tail) {
    --high;
  }
  if (low < 1 || high > n) {
    return std::nullopt;
  }
  const double reached = 1 - bm::cdf(below, low - 1) - bm::cdf(bm::complement(above, high - 1));
  return RankInterval{static_cast<std::size_t>(low), static_cast<std::size_t>(high), reached};
}

std::optional<Interval> quantile_interval(std::span<const double> sorted, double share,
                                          double confidence) {
  const std::optional<RankInterval> ranks = quantile_ranks(sorted.size(), share, confidence);
  if (!ranks) {
    return std::nullopt;
  }
  return Interval{.estimate = linear_quantile(sorted, share),
                  .low = sorted[ranks->low - 1],
                  .high = sorted[ranks->high - 1],
                  .confidence = ranks->confidence,
                  .values = sorted.size()};
}

bool Precision::reached_by(const Interval& interval) const {
  const double scale = of == Of::the_estimate ? std::abs(interval.estimate) : 1;
  return interval.half_width() <= half_width * scale;
}

std::optional<std::size_t> values_needed(std::span<const double> values, double confidence,
                                         Precision precision) {
  check_confidence(confidence);
  if (values.size() < 2) {
    return std::nullopt;
  }
  const Moments found = moments(values);
  const double deviation = found.standard_error * std::sqrt(static_cast<double>(values.size()));
  const double aim = precision.half_width *
                     (precision.of == Precision::Of::the_estimate ? std::abs(found.mean) : 1);
  const auto suffices = [&](std::size_t count) {
    return student_t(static_cast<double>(count - 1), confidence) * deviation /
               std::sqrt(static_cast<double>(count)) <=
           aim;
  };
  if (suffices(values.size())) {
    return values.size();
  }
  std::size_t too_few = values.size(), enough = 2 * values.size();
  while (!suffices(enough)) {
    too_few = enough;
    enough *= 2;
    if (enough > kMostValuesNeeded) {
      return std::nullopt;
    }
  }
  while (enough - too_few > 1) {
    const std::size_t middle = too_few + (enough - too_few) / 2;
    (suffices(middle) ? enough : too_few) = middle;
  }
  return enough;
}

}  // namespace offcut::analysis
