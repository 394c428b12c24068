#pragma once

#include <optional>
#include <vector>

#include "analysis/statistics/interval.h"
#include "sim/study/calibration/measured_run.h"

namespace offcut::study {

/// A run, and the time that a scenario gives to the computation of a request on a tier, without
/// the time per request.
struct TierSample {
  const MeasuredRun* run = nullptr;
  double planned = 0;  // Seconds.

  double rate() const { return run->is_closed ? 0 : run->rate(); }
};

/// A tier as measurements show it.
struct TierFit {
  /// The factor of the planned times under load; none: no layers ran there, or none were planned.
  std::optional<analysis::Interval> scale;
  std::optional<double> idle_scale;  // Of closed loops; none: there were none.
  bool is_loaded = false;            // The scale is that of loaded runs.
  /// Computations take longer under more load: the scale is that at `rate`, the mean of the loaded
  /// runs, and `idle_share` of it that without load. 1 if the runs do not tell.
  double rate = 0;  // Requests per second.
  double idle_share = 1;

  /// Returns the scale at another rate, on the straight line, as a share of `scale`.
  double growth(double other_rate) const;
  std::optional<analysis::Interval> per_request;  // Seconds. None: no times to tell it from.
  bool per_request_from_queue = false;            // Of requests that waited; otherwise of others.
  std::vector<double> factors;                    // Computing times over planned ones.
  std::size_t cut_off =
      0;  // Of them: longer than kLongest times their run's median, which they got.
};

/// A computation that takes so many times the median of its run is an interruption: the machine did
/// something else. One in a hundred requests of the fitted runs need not be one in those to come.
inline constexpr double kLongest = 3;
/// So far beyond the rate of the fitted runs, the line of the scale over the rate goes on.
inline constexpr double kFarthestRate = 2;

/// Fits a tier to several runs. If some are loaded, closed loops only give the idle scale. With
/// one machine of one core (`is_single`), the time per request is the median gap between a
/// computation and that of a request that waited, if there are enough of these. With runs of one
/// cut at different rates, of which closed loops count as 0, the scale gets a line over the rate,
/// by least squares.
TierFit fit_tier(std::size_t tier, const std::vector<TierSample>& samples, bool is_single);

}  // namespace offcut::study
