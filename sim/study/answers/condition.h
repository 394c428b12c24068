#pragma once

#include <string>
#include <vector>

#include "analysis/statistics/interval.h"
#include "models/base/error.h"

namespace offcut::study {

/// A condition on the mean of a figure, such as latency_p99_s < 0.1.
struct Condition {
  enum class Is { below, at_most, above, at_least };

  std::string figure;
  Is is = Is::below;
  double bound = 0;  // In the figure's unit.
  std::string text;  // As it was stated.

  bool wants_less() const { return is == Is::below || is == Is::at_most; }
  bool holds(double value) const;
};

/// Reads conditions joined by `and`: a figure, one of < <= > >=, and a number in the figure's unit
/// or a quantity ("100 ms", "95 %"). Adds errors about `place`.
std::vector<Condition> read_conditions(const std::string& text,
                                       const std::vector<std::string>& figures, const Place& place,
                                       std::vector<Diagnostic>& diagnostics);

/// Whether a condition holds for the mean of replications.
enum class Holds { yes, no, unclear };

/// Returns `yes` if it holds for both ends of the interval, `no` if for neither, and otherwise
/// `unclear`: more replications may tell.
Holds holds_within(const Condition& condition, const analysis::Interval& interval);

/// Returns how far a value is beyond the bound that it breaks, as a share of the bound; of a bound
/// of 0, as a plain number.
double relative_excess(const Condition& condition, double value);

}  // namespace offcut::study
