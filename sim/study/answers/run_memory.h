#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sim/study/sweep/journal.h"
#include "sim/study/sweep/sweep_tables.h"
#include "sim/study/sweep/sweep_work.h"

namespace offcut::study {

/// A run of a sweep: the figures of the scenario's own plan, or the error that it ended with.
struct RememberedRun {
  RowFigures figures;
  std::string error;  // Empty: it was simulated, or its algorithm declined.

  /// Whether its figures are those of a stable run.
  bool is_used() const { return error.empty() && figures.is_used(); }
  /// Whether it ran, but its means depend on its length.
  bool is_saturated() const {
    return error.empty() && figures.outcome == "completed" && figures.verdict != "stable";
  }
};

/// The runs of a sweep that a study asks for one after the other, in memory. Each is simulated
/// once, in a child process.
class RunMemory {
 public:
  /// At most `parallel` runs are simulated at a time. REQUIRES: this process has one thread.
  RunMemory(SweepWork& work, std::size_t parallel);

  /// Called after each run, and ten times a second, with the finished runs of all that were asked
  /// for. May throw to end the study.
  std::function<void(std::size_t finished, std::size_t known)> on_progress = {};

  /// Simulates those of the runs that it does not have yet.
  void simulate(const std::vector<Job>& jobs);
  /// REQUIRES: the run was simulated.
  const RememberedRun& run(const Job& job) const;
  /// Returns the position of a figure among the numbers of a run. REQUIRES: it is one.
  std::size_t position_of(const std::string& figure) const;
  std::size_t size() const { return runs_.size(); }
  const Sweep& sweep() const { return work_.sweep(); }

 private:
  SweepWork& work_;
  std::size_t parallel_;
  JournalHead head_;  // Only its figures.
  std::vector<std::string> numbers_;
  std::map<std::uint64_t, RememberedRun> runs_;
};

/// Returns a sweep whose runs simulate the scenario's own plan alone, as far as its first point is
/// valid without the plans that it is compared with: they take time, and no answer looks at them.
Sweep without_compared_plans(const Sweep& sweep, const scenario::Registries& registries);

}  // namespace offcut::study
