// Batch means of the values, and of the indicators of each quantile. One pass sums up both by
// batches; order statistics are selected in a copy of the values, not sorted.

#include "analysis/statistics/steady_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <numeric>
#include <vector>

#include "analysis/statistics/warm_up.h"
#include "models/base/readable.h"

namespace offcut::analysis {
namespace {

constexpr std::size_t kBatches = 64, kGroups = 16;
constexpr double kLeastInTail = 10;
constexpr double kFalseAlarm = 0.01;  // Of each test for independence.
constexpr auto kCount = static_cast<double>(kBatches);

using BatchValues = std::array<double, kBatches>;  // Means, or sums.

/// The moments of batch means.
struct BatchMoments {
  double mean = 0, variance = 0, skewness = 0;
  double correlation = 0;  // Of neighbours.

  /// Returns the factor by which correlated batches raise the variance of their mean, if the
  /// correlation falls like that of a first-order autoregression (Skart's A).
  double inflation() const {
    const double phi = std::clamp(correlation, 0.0, 0.99);
    return (1 + phi) / (1 - phi);
  }
  double standard_error() const { return std::sqrt(variance * inflation() / kCount); }
};

BatchMoments moments_of(const BatchValues& batches) {
  BatchMoments found;
  for (const double value : batches) {
    found.mean += (value - batches.front()) / kCount;
  }
  found.mean += batches.front();
  double squares = 0, cubes = 0, products = 0, previous = 0;
  for (const double value : batches) {
    const double deviation = value - found.mean;
    squares += deviation * deviation;
    cubes += deviation * deviation * deviation;
    products += previous * deviation;
    previous = deviation;
  }
  found.variance = squares / (kCount - 1);
  if (squares > 0) {
    found.correlation = products / squares;
    found.skewness = cubes * kCount / ((kCount - 1) * (kCount - 2)) / std::pow(found.variance, 1.5);
  }
  return found;
}

/// Returns how far the interval reaches below (t > 0) or above (t < 0) the mean, in standard
/// errors: Willink's G(t), eq. 5.
double skewed(double t, double skewness) {
  const double a = skewness / (6 * std::sqrt(kCount));
  return std::abs(a) < 1e-9 ? t : (std::cbrt(1 + 6 * a * (t - a)) - 1) / (2 * a);
}

/// How far an interval reaches from its estimate.
struct Reach {
  double down = 0, up = 0;
};

Reach reach(const BatchMoments& batches, double confidence, double factor) {
  const double t = student_t(kCount - 1, confidence);
  const double error = batches.standard_error() * factor;
  return {skewed(t, batches.skewness) * error, -skewed(-t, batches.skewness) * error};
}

/// Returns whether von Neumann's ratio (Annals of Mathematical Statistics 12, 1941) shows that
/// neighbours are correlated. It has a mean of 2, and of independent normal values a variance of 4
/// (n - 2) / (n^2 - 1).
bool neighbours_correlate(const BatchValues& batches, const BatchMoments& found) {
  double squares = 0;
  for (std::size_t i = 1; i < kBatches; ++i) {
    squares += (batches[i] - batches[i - 1]) * (batches[i] - batches[i - 1]);
  }
  const double ratio = squares / (found.variance * (kCount - 1)) * kCount / (kCount - 1);
  const double deviation = std::sqrt(4 * (kCount - 2) / (kCount * kCount - 1));
  const boost::math::normal_distribution<double> normal;
  return (2 - ratio) / deviation >
         boost::math::quantile(boost::math::complement(normal, kFalseAlarm));
}

/// Returns whether an analysis of variance shows that groups of batches have different means.
bool groups_differ(const BatchValues& batches, const BatchMoments& found) {
  constexpr std::size_t kSize = kBatches / kGroups;
  double between = 0;
  for (std::size_t group = 0; group < kGroups; ++group) {
    double sum = 0;
    for (std::size_t i = 0; i < kSize; ++i) {
      sum += batches[group * kSize + i] - found.mean;
    }
    between += sum * sum / kSize;
  }
  const double within = found.variance * (kCount - 1) - between;
  const boost::math::fisher_f_distribution<double> f(kGroups - 1, kBatches - kGroups);
  return between / (kGroups - 1) > boost::math::quantile(boost::math::complement(f, kFalseAlarm)) *
                                       within / (kBatches - kGroups);
}

/// Returns the number of independent values with the same variance of the mean, given the variance
/// of one value; at most their number if the batches are equal.
double effective_values(const BatchMoments& batches, double variance, std::size_t size) {
  const auto values = static_cast<double>(size * kBatches);
  const double of_batches = batches.variance * batches.inflation() * static_cast<double>(size);
  return of_batches > 0 ? values * variance / of_batches : values;
}

/// Selects order statistics of values that it reorders. Each one splits the range in which later
/// ones are searched.
class OrderStatistics {
 public:
  explicit OrderStatistics(std::span<const double> values)
      : values_(values.begin(), values.end()), placed_{0, values.size() + 1} {}

  /// Returns the value with this 1-based rank. REQUIRES 1 <= rank <= size.
  double at(std::size_t rank) {
    const auto next = std::lower_bound(placed_.begin(), placed_.end(), rank);
    const auto from = values_.begin();
    if (*next != rank) {
      const auto first = from + static_cast<std::ptrdiff_t>(*(next - 1));
      const auto last = from + static_cast<std::ptrdiff_t>(*next - 1);
      std::nth_element(first, from + static_cast<std::ptrdiff_t>(rank - 1), last);
      placed_.insert(next, rank);
    }
    return values_[rank - 1];
  }

  /// Returns the quantile, linear between neighbours like quantile_in_place().
  double quantile(double share) {
    const double position = share * static_cast<double>(values_.size() - 1);
    const auto below = static_cast<std::size_t>(position);
    const double lower = at(below + 1);
    return below + 1 == values_.size()
               ? lower
               : std::lerp(lower, at(below + 2), position - static_cast<double>(below));
  }

 private:
  std::vector<double> values_;
  std::vector<std::size_t> placed_;  // The ranks that are in their places, with one on each side.
};

/// The batch means of a quantile's indicators: `value < q` and `value <= q` differ where values are
/// equal. Latencies without a wait are equal but for rounding, whose size grows with the clock, so
/// that values within a relative 1e-9 of the quantile count as equal to it.
struct Indicators {
  BatchValues below{}, up_to{};

  /// Returns the one whose mean is nearer to the quantile's share.
  BatchMoments nearer(double share) const {
    const BatchMoments less = moments_of(below), less_or_equal = moments_of(up_to);
    return std::abs(less.mean - share) < std::abs(less_or_equal.mean - share) ? less
                                                                              : less_or_equal;
  }
};

Indicators indicators(std::span<const double> values, std::size_t size, double quantile) {
  const double low = quantile - kRounding * std::abs(quantile);
  const double high = quantile + kRounding * std::abs(quantile);
  Indicators found;
  const double* value = values.data();
  for (std::size_t batch = 0; batch < kBatches; ++batch, value += size) {
    std::size_t below = 0, up_to = 0;
    for (std::size_t i = 0; i < size; ++i) {
      below += value[i] < low ? 1 : 0;
      up_to += value[i] <= high ? 1 : 0;
    }
    found.below[batch] = static_cast<double>(below) / static_cast<double>(size);
    found.up_to[batch] = static_cast<double>(up_to) / static_cast<double>(size);
  }
  return found;
}

std::string percentile(double share) { return fmt::format("p{:g}", share * 100); }

/// Returns a number of requests, rounded up to two digits.
std::string rounded_up(double requests) {
  const double unit = std::pow(10, std::max(0.0, std::floor(std::log10(requests)) - 1));
  return fmt::format("{:.0f}", std::ceil(requests / unit) * unit);
}

/// The values of a run after its warm-up, and their batches.
class SteadyRun {
 public:
  /// The first values may be too few for a batch and then are left out. REQUIRES at least
  /// kLeastEffective values.
  SteadyRun(std::span<const double> values, std::size_t warm_up, double confidence)
      : values_(values.subspan(warm_up)),
        size_(values_.size() / kBatches),
        batched_(values_.last(size_ * kBatches)),
        all_(values.size()),
        confidence_(confidence) {
    const double first = batched_.front();
    double sum = 0, squares = 0;
    for (std::size_t batch = 0; batch < kBatches; ++batch) {
      double of_batch = 0;
      for (const double value : batched_.subspan(batch * size_, size_)) {
        of_batch += value - first;
        squares += (value - first) * (value - first);
      }
      means_[batch] = first + of_batch / static_cast<double>(size_);
      sum += of_batch;
    }
    const auto count = static_cast<double>(batched_.size());
    variance_ = std::max(0.0, squares - sum * sum / count) / count;
    found_ = moments_of(means_);
    if (std::sqrt(found_.variance) <= kRounding * std::abs(found_.mean)) {
      found_ = {.mean = found_.mean};
    }
    effective_ = effective_values(found_, variance_, size_);
  }

  double effective() const { return effective_; }

  std::string reason_too_short() const {
    if (found_.variance > 0 &&
        (neighbours_correlate(means_, found_) || groups_differ(means_, found_))) {
      return fmt::format(
          "the means of {} parts of the run still depend on each other, as with a trend or long "
          "busy times",
          kBatches);
    }
    if (effective_ < kLeastEffective) {
      return fmt::format(
          "its {} requests are worth {:.0f} independent ones; {:.0f} are needed, or about {} "
          "requests",
          values_.size(), effective_, kLeastEffective,
          rounded_up(kMargin * kLeastEffective / effective_ * static_cast<double>(all_)));
    }
    return "";
  }

  Interval mean() const {
    // Near the threshold, the run counts as one at the threshold: see the header.
    const double trusted =
        std::min(effective_, std::max(kLeastEffective, 2 * (effective_ - kLeastEffective)));
    const Reach distance = reach(found_, confidence_, std::sqrt(effective_ / trusted));
    return interval(found_.mean, found_.mean - distance.down, found_.mean + distance.up);
  }

  /// Fills in estimates, and the intervals that the run is long enough for.
  void add_estimates(SteadyState& result) const {
    OrderStatistics ordered(values_);
    result.mean_estimate = found_.mean;
    const bool is_long_enough = result.too_short.empty();
    if (is_long_enough) {
      result.mean = mean();
    }
    for (std::size_t i = 0; i < kSteadyQuantiles.size(); ++i) {
      const double share = kSteadyQuantiles[i];
      if (is_long_enough) {
        double effective = 0;
        result.quantiles[i] = quantile(ordered, share, effective);
        if (!result.quantiles[i] && result.tail_too_short.empty()) {
          result.tail_too_short = tail_reason(share, effective);
        }
      }
      result.quantile_estimates[i] = ordered.quantile(share);
    }
  }

 private:
  static constexpr double kMargin = 1.2;  // Lengths are predicted from uncertain figures.

  Interval interval(double estimate, double low, double high) const {
    return {.estimate = estimate,
            .low = low,
            .high = high,
            .confidence = confidence_,
            .values = kBatches};
  }

  std::string tail_reason(double share, double effective) const {
    const double needed = std::max(kLeastEffective, kLeastInTail / (1 - share));
    const double times = std::max(kMargin, kMargin * needed / effective);
    return fmt::format("{} needs about {} requests", percentile(share),
                       rounded_up(times * static_cast<double>(all_)));
  }

  std::optional<Interval> quantile(OrderStatistics& ordered, double share,
                                   double& effective) const {
    const auto count = static_cast<double>(values_.size());
    const auto rank = static_cast<std::size_t>(std::ceil(share * count));
    const BatchMoments found = indicators(batched_, size_, ordered.at(rank)).nearer(share);
    effective = effective_values(found, found.mean * (1 - found.mean), size_);
    const Reach distance = reach(found, confidence_, 1);
    // If the true share of values up to the estimate is lower than it seems, then the quantile is
    // higher, and so the sides change places.
    const double low = std::floor(count * (share - distance.up));
    const double high = std::floor(count * (share + distance.down)) + 1;
    if (effective < kLeastEffective || effective * (1 - share) < kLeastInTail || low < 1 ||
        high > count) {
      return std::nullopt;
    }
    return interval(ordered.quantile(share), ordered.at(static_cast<std::size_t>(low)),
                    ordered.at(static_cast<std::size_t>(high)));
  }

  std::span<const double> values_;
  std::size_t size_;
  std::span<const double> batched_;
  std::size_t all_;
  double confidence_;
  BatchValues means_{};
  double variance_ = 0;  // Of a value.
  BatchMoments found_;
  double effective_ = 0;
};

/// Fills in the estimates of values that are too few for batches.
void add_plain_estimates(std::span<const double> values, SteadyState& result) {
  result.mean_estimate =
      std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  OrderStatistics ordered(values);
  for (std::size_t i = 0; i < kSteadyQuantiles.size(); ++i) {
    result.quantile_estimates[i] = ordered.quantile(kSteadyQuantiles[i]);
  }
}

}  // namespace

SteadyState steady_state(std::span<const double> values, std::size_t warm_up, double confidence) {
  SteadyState result;
  result.warm_up = std::min(warm_up, values.size());
  if (static_cast<double>(values.size() - result.warm_up) < kLeastEffective) {
    result.too_short =
        fmt::format("{} after the warm-up; {:.0f} are needed",
                    counted(values.size() - result.warm_up, "request"), kLeastEffective);
    if (result.warm_up < values.size()) {
      add_plain_estimates(values.subspan(result.warm_up), result);
    }
    return result;
  }
  const SteadyRun run(values, result.warm_up, confidence);
  result.effective = run.effective();
  result.too_short = run.reason_too_short();
  run.add_estimates(result);
  return result;
}

SteadyState steady_state(std::span<const double> values, WarmUp method, double confidence) {
  const auto warm_up = method == WarmUp::mser5 ? mser5_warm_up(values) : log_mser5_warm_up(values);
  if (!warm_up && static_cast<double>(values.size()) >= kLeastEffective) {
    SteadyState result;
    result.too_short = "its warm-up takes more than half of it, by MSER-5";
    return result;
  }
  return steady_state(values, warm_up.value_or(0), confidence);
}

}  // namespace offcut::analysis
