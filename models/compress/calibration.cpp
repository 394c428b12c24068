// Ranges from histograms. A histogram has bins of equal width around 0, so that its two halves can
// be added to one by absolute value, on which thresholds are searched.
#include "models/compress/calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace offcut::compress {

const std::vector<std::string>& range_methods() {
  static const std::vector<std::string> names = {"min-max", "percentile", "entropy", "mse"};
  return names;
}

std::optional<RangeMethod> range_method(const std::string& name) {
  const std::vector<std::string>& names = range_methods();
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? std::nullopt
                              : std::optional(static_cast<RangeMethod>(found - names.begin()));
}

void Histogram::add(std::span<const float> values) {
  const float factor = static_cast<float>(kHalf) / limit_;
  constexpr auto kLast = static_cast<int>(2 * kHalf - 1);
  for (const float value : values) {
    const int bin = static_cast<int>((value + limit_) * factor);
    ++counts_[static_cast<std::size_t>(std::clamp(bin, 0, kLast))];
  }
}

std::vector<double> Histogram::of_magnitudes() const {
  std::vector<double> sums(kHalf);
  for (std::size_t i = 0; i < kHalf; ++i) {
    sums[i] = counts_[kHalf + i] + counts_[kHalf - 1 - i];
  }
  return sums;
}

namespace {

/// Returns the range without the bins that hold less than `share` of all numbers at either end.
TensorRange quantiles(const Histogram& histogram, double share) {
  const std::vector<double>& counts = histogram.counts();
  constexpr double kRounding = 1e-9;  // Of shares such as 1 - 0.999.
  const double most = (share + kRounding) * std::accumulate(counts.begin(), counts.end(), 0.0);
  const auto bins_below = [&](auto first, auto last) {
    std::size_t bins = 0;
    double sum = 0;
    for (; first != last && sum + *first <= most; ++first, ++bins) {
      sum += *first;
    }
    return static_cast<double>(bins) * histogram.width();
  };
  return {static_cast<float>(bins_below(counts.begin(), counts.end()) - histogram.limit()),
          static_cast<float>(histogram.limit() - bins_below(counts.rbegin(), counts.rend()))};
}

/// Returns the divergence between the first `kept` bins, the rest added to the last one, and these
/// bins in levels: a level spreads its sum evenly over its bins that are not empty.
double divergence(std::span<const double> bins, std::size_t kept, std::size_t levels, double rest) {
  const double total =
      std::accumulate(bins.begin(), bins.begin() + static_cast<std::ptrdiff_t>(kept), rest);
  const double total_inside = total - rest;
  double sum = 0;
  for (std::size_t level = 0; level < levels; ++level) {
    const std::size_t first = level * kept / levels;
    const std::size_t last = (level + 1) * kept / levels;
    double mass = 0;
    double filled = 0;
    for (std::size_t i = first; i < last; ++i) {
      mass += bins[i];
      filled += bins[i] > 0 ? 1 : 0;
    }
    for (std::size_t i = first; i < last; ++i) {
      const double p = (bins[i] + (i + 1 == kept ? rest : 0)) / total;
      const double q = bins[i] > 0 ? mass / filled / total_inside : 0;
      if (p > 0) {
        sum += q > 0 ? p * std::log(p / q) : std::numeric_limits<double>::infinity();
      }
    }
  }
  return sum;
}

/// Returns the threshold, in bins, with the least squared error when numbers up to it become
/// `levels` steps, and larger ones saturate.
std::size_t mse_threshold(std::span<const double> magnitudes, std::size_t levels) {
  constexpr std::size_t kTried = 128;
  std::size_t best = magnitudes.size();
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t tried = 1; tried <= kTried; ++tried) {
    const std::size_t threshold = magnitudes.size() * tried / kTried;
    const double step = static_cast<double>(threshold) / static_cast<double>(levels);
    double error = 0;
    for (std::size_t i = 0; i < magnitudes.size(); ++i) {
      const double x = static_cast<double>(i) + 0.5;
      const double rounded = step * std::min(std::nearbyint(x / step), static_cast<double>(levels));
      error += magnitudes[i] * (x - rounded) * (x - rounded);
    }
    if (error < least) {
      least = error;
      best = threshold;
    }
  }
  return best;
}

}  // namespace

std::size_t entropy_threshold(std::span<const double> magnitudes, std::size_t levels) {
  std::size_t best = magnitudes.size();
  double least = std::numeric_limits<double>::infinity();
  double rest = std::accumulate(magnitudes.begin(), magnitudes.end(), 0.0);
  for (std::size_t kept = 0; kept <= magnitudes.size(); ++kept) {
    if (kept >= levels) {
      const double found = divergence(magnitudes, kept, levels, std::max(rest, 0.0));
      if (found < least) {
        least = found;
        best = kept;
      }
    }
    rest -= kept < magnitudes.size() ? magnitudes[kept] : 0;
  }
  return best;
}

TensorRange chosen_range(const Histogram& histogram, const TensorRange& all,
                         const CalibrationOptions& options) {
  constexpr double kPercent = 0.01;
  if (options.method == RangeMethod::min_max) {
    return all;
  }
  if (options.method == RangeMethod::percentile) {
    const TensorRange inner = quantiles(histogram, 1 - options.percentile * kPercent);
    return {std::max(all.low, inner.low), std::min(all.high, inner.high)};
  }
  // Numbers of one sign have all levels, those of both share them.
  const bool one_sign = all.low >= 0 || all.high <= 0;
  const std::size_t levels = std::size_t{1}
                             << static_cast<unsigned>(options.bits - (one_sign ? 0 : 1));
  const std::vector<double> magnitudes = histogram.of_magnitudes();
  const std::size_t bins = options.method == RangeMethod::entropy
                               ? entropy_threshold(magnitudes, levels)
                               : mse_threshold(magnitudes, levels - 1);
  const auto threshold = static_cast<float>(static_cast<double>(bins) * histogram.width());
  return {std::max(all.low, -threshold), std::min(all.high, threshold)};
}

}  // namespace offcut::compress
