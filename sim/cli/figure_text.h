#pragma once

#include <optional>
#include <string>

#include "analysis/statistics/interval.h"

namespace offcut::cli {

/// Returns a value of a column of summary.csv for people, by the unit in the column's name:
/// "34.2 ms", "1.2 J", "96.40 %" for the accuracy.
std::string figure_text(const std::string& figure, double value);

/// Returns an estimate with half of its interval, unless that is a point: see mean_text().
std::string interval_text(const std::string& figure, const analysis::Interval& interval);

/// Returns a mean with half of its interval as a share: "34.2 ms +- 1.2 %". Without the latter if
/// there is no interval, or the mean is 0.
std::string mean_text(const std::string& figure, double mean, std::optional<double> half_width);

}  // namespace offcut::cli
