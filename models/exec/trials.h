#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "models/base/cpu_time.h"
#include "models/graph/graph.h"

namespace offcut::exec {

/// The measurements of preparing a segment so far. Networks have the same layer many times, and all
/// layouts of a network have most kernels in common, so each kernel is timed once.
class Trials {
 public:
  /// Preparing on so many threads begins now.
  explicit Trials(int threads) : clock_(clock_for(threads)), start_(clock_()) {}

  std::map<std::string, double> seconds;      // Times by all that they depend on.
  std::optional<std::set<LayerId>> winograd;  // Convolutions for which Winograd's weights pay.
  std::set<LayerId> precise;                  // Those of them whose precision has been checked.
  double run = 0;                             // Seconds of a run, as far as they are known.

  /// Returns whether another kernel may be timed. Preparing, trials or not, should take a second or
  /// the time of ten runs; half of that is left for laying out weights.
  bool have_budget() const { return spent() < kShareOfKernels * budget(); }

  /// Returns whether the network may be prepared in another layout.
  bool have_budget_for_layout() const { return spent() < kShareOfLayouts * budget(); }

  /// Returns the seconds since preparing began: CPU time on one thread.
  double spent() const { return clock_() - start_; }

  std::optional<double> time_of(const std::string& kernel) const {
    const auto found = seconds.find(kernel);
    return found == seconds.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  static constexpr double kLeastBudget = 1;  // Seconds.
  static constexpr double kRunsInBudget = 10;
  static constexpr double kShareOfKernels = 0.5;
  static constexpr double kShareOfLayouts = 0.7;

  double budget() const { return std::max(kLeastBudget, kRunsInBudget * run); }

  ClockFunction clock_;
  double start_;
};

}  // namespace offcut::exec
