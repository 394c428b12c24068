// The estimates that all fits share.

#include "sim/study/calibration/estimates.h"

#include <algorithm>
#include <numeric>

#include "models/base/quantile.h"

namespace offcut::study {

double mean_of(const std::vector<double>& values) {
  return values.empty() ? 0
                        : std::accumulate(values.begin(), values.end(), 0.0) /
                              static_cast<double>(values.size());
}

analysis::Interval mean_with_interval(const std::vector<double>& values) {
  const double mean = mean_of(values);
  return analysis::mean_interval(values, kFitConfidence)
      .value_or(analysis::Interval{.estimate = mean,
                                   .low = mean,
                                   .high = mean,
                                   .confidence = kFitConfidence,
                                   .values = values.size()});
}

analysis::Interval quantile_with_interval(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return analysis::quantile_interval(values, share, kFitConfidence)
      .value_or(analysis::Interval{.estimate = quantile(values, share),
                                   .low = values.front(),
                                   .high = values.back(),
                                   .confidence = kFitConfidence,
                                   .values = values.size()});
}

}  // namespace offcut::study
