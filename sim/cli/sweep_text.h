#pragma once

#include <string>
#include <vector>

#include "sim/cli/text_table.h"
#include "sim/study/sweep/sweep.h"
#include "sim/study/sweep/sweep_tables.h"

namespace offcut::cli {

/// Returns a table of a sweep's points, the first ones if they are many, and a line that counts the
/// runs.
std::string points_text(const study::Sweep& sweep);

/// Collects the means of a sweep for people: a table of the first points, with intervals, notes
/// about saturated points and failed runs, and the differences between variants.
class SweepText {
 public:
  explicit SweepText(const study::JournalHead& head);
  void add(const study::PointSummary& point);
  void add(const study::VariantDifference& difference);
  std::string text() const;

 private:
  std::string label_of(const study::PointSummary& point) const;

  const study::JournalHead& head_;
  bool shows_usual_;                // The sweep names no figures of its own.
  bool is_unreached_ = false;       // A run did not reach the accuracy to stop at.
  std::vector<std::size_t> shown_;  // Positions of printed figures among the numbers.
  TextTable table_;
  std::size_t points_ = 0, saturated_points_ = 0, saturated_runs_ = 0;
  std::vector<std::string> saturated_;  // The first ones.
  struct Tally {
    std::string variant, against, figure;
    std::size_t points = 0, lower = 0, higher = 0;
  };
  std::vector<Tally> tallies_;
};

}  // namespace offcut::cli
