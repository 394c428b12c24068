// Rank correlations of few pairs, such as plans, from their definitions: O(n^2).

#include "analysis/statistics/rank_correlation.h"

#include <cmath>
#include <vector>

namespace offcut::analysis {
namespace {

double sign(double value) { return value > 0 ? 1 : value < 0 ? -1 : 0; }

std::vector<double> ranks(std::span<const double> values) {
  std::vector<double> all(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (const double other : values) {
      all[i] += (sign(values[i] - other) + 1) / 2;
    }
  }
  return all;
}

}  // namespace

std::optional<double> kendall(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  double of_a = 0;
  double of_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double in_a = sign(a[i] - a[j]);
      const double in_b = sign(b[i] - b[j]);
      sum += in_a * in_b;
      of_a += in_a * in_a;
      of_b += in_b * in_b;
    }
  }
  return of_a > 0 && of_b > 0 ? std::optional(sum / std::sqrt(of_a * of_b)) : std::nullopt;
}

std::optional<double> spearman(std::span<const double> a, std::span<const double> b) {
  const std::vector<double> x = ranks(a);
  const std::vector<double> y = ranks(b);
  const double mean = static_cast<double>(a.size()) / 2;  // A rank counts half of its own value.
  double xy = 0;
  double xx = 0;
  double yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mean) * (y[i] - mean);
    xx += (x[i] - mean) * (x[i] - mean);
    yy += (y[i] - mean) * (y[i] - mean);
  }
  return xx > 0 && yy > 0 ? std::optional(xy / std::sqrt(xx * yy)) : std::nullopt;
}

}  // namespace offcut::analysis
