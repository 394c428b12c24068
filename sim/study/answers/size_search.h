#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/study/answers/condition.h"

namespace offcut::study {

/// The replications of a value.
struct ValueRuns {
  std::size_t replications = 0;
  std::size_t saturated = 0;       // Those whose means depend on their length.
  std::size_t without_result = 0;  // Those that failed, or whose algorithm declined.
  /// By figure: the values of the other replications. One value for each, or fewer if the figure is
  /// empty in some.
  std::vector<std::vector<double>> figures;
};

/// A value that was tried. All its replications are stable, or it holds for none of the conditions.
struct TriedValue {
  std::size_t value = 0;
  ValueRuns runs;
  bool is_stable = false;  // Every replication ran and is stable.
  /// By figure: the interval of the mean; none without stable replications.
  std::vector<std::optional<analysis::Interval>> intervals;
  std::vector<Holds> holds;  // By condition.

  bool all_hold() const;
};

/// A question about the values 0 to `values` - 1 of a parameter.
struct SizeQuestion {
  std::size_t values = 0;
  std::vector<Condition> conditions;
  /// Whether the cheapest value is wanted: the one with the least mean of the last figure, which
  /// follows those of the conditions. Otherwise the first value.
  bool has_cost = false;
  /// Whether the values are in the order of their size, so that figures may be monotone.
  bool is_ordered = true;
  double confidence = 0.95;
};

struct SizeAnswer {
  std::optional<std::size_t> value;  // None: the conditions hold for none.
  std::vector<TriedValue> tried;     // In the order of values.
  /// Why all values were tried; empty if bisection sufficed.
  std::string reason_for_all;
};

/// Returns the runs of each value, with the figures of the conditions in their order, then the
/// cost. It is never asked twice about a value.
using RunValues = std::function<std::vector<ValueRuns>(const std::vector<std::size_t>& values)>;

/// Finds the smallest, or cheapest, value for which all conditions hold within their intervals, and
/// all replications are stable. Bisection finds where replications become stable, then where each
/// condition begins or ceases to hold; then neighbours of the answer are tried, and all values that
/// were tried are looked at in their order. If one of them contradicts monotone figures, beyond
/// their intervals, all values are tried. The values that are tried do not depend on how many can
/// run at a time.
SizeAnswer find_size(const SizeQuestion& question, const RunValues& run);

}  // namespace offcut::study
