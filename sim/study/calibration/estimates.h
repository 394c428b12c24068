#pragma once

#include <vector>

#include "analysis/statistics/interval.h"

namespace offcut::study {

/// The confidence of all intervals of a calibration.
inline constexpr double kFitConfidence = 0.95;

/// Returns the mean, 0 without values.
double mean_of(const std::vector<double>& values);
/// Returns the mean of independent values with its interval; of one value, an interval of no width.
analysis::Interval mean_with_interval(const std::vector<double>& values);
/// Returns a quantile with its interval, which is all values if these are too few for one.
/// REQUIRES: there are values.
analysis::Interval quantile_with_interval(std::vector<double> values, double share);

}  // namespace offcut::study
