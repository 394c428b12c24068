#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "models/graph/graph.h"

namespace offcut::exec {

/// The measurements of preparing a segment so far. Networks have the same layer many times, and all
/// layouts of a network have most kernels in common, so each kernel is timed once.
struct Trials {
  static constexpr double kLeastBudget = 1;  // Seconds.
  static constexpr double kRunsInBudget = 10;

  std::map<std::string, double> seconds;      // Times by all that they depend on.
  std::optional<std::set<LayerId>> winograd;  // Convolutions for which Winograd's weights pay.
  std::set<LayerId> precise;                  // Those of them whose precision has been checked.
  double run = 0;                             // Seconds of a run, as far as they are known.
  double spent = 0;                           // Seconds that trials have taken.

  /// Returns whether another kernel may be timed: within a second, or the time of ten runs.
  bool have_budget() const { return spent < std::max(kLeastBudget, kRunsInBudget * run); }

  std::optional<double> time_of(const std::string& kernel) const {
    const auto found = seconds.find(kernel);
    return found == seconds.end() ? std::nullopt : std::optional(found->second);
  }
};

}  // namespace offcut::exec
