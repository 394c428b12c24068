#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "analysis/statistics/interval.h"
#include "models/base/output_directory.h"
#include "sim/study/sweep/journal.h"

namespace offcut::study {

/// The figures that are printed, and compared between variants, unless a sweep names its own.
std::vector<std::string> usual_figures();

/// The mean of a figure over replications, and the half-width of its interval, which one value does
/// not have.
struct FigureMean {
  double mean = 0;
  std::optional<double> half_width;
};

/// A row of points.csv: the replications of a point, variant and algorithm.
struct PointSummary {
  std::vector<std::string> parameters;
  std::size_t point = 0;  // From 1.
  std::string variant, algorithm;
  std::size_t runs = 0;       // Replications that were simulated, or failed.
  std::size_t failed = 0;     // Those that failed.
  std::size_t declined = 0;   // Those without a plan.
  std::size_t saturated = 0;  // Those whose verdict is not `stable`: they are not in the means.
  std::size_t used = 0;       // Those in the means.
  /// Those of them that reached the accuracy to stop at, if training has one: only they have a
  /// `time_to_accuracy_s`.
  std::optional<std::size_t> reached = {};
  std::vector<std::optional<FigureMean>> figures;  // In the order of the numbers among the figures.
};

/// A row of differences.csv: a variant compared with the first one.
struct VariantDifference {
  std::size_t point = 0;
  std::string variant, against, figure;
  double first_mean = 0;
  analysis::PairedDifference difference;
};

/// Called with each row in its order.
struct SweepSinks {
  std::function<void(const PointSummary&)> point = {};
  std::function<void(const VariantDifference&)> difference = {};
};

/// The names of the files that write_sweep_tables() writes, and that of the page.
std::vector<std::string> sweep_files();

/// Writes sweep.csv (a row per run and plan), points.csv (a row per point, variant and algorithm,
/// with the means over replications and the half-widths of their intervals) and, with several
/// variants, differences.csv. The runs of all journals are joined, in their order; the memory that
/// this takes does not grow with the length of rows. REQUIRES: the journals are of one sweep and
/// together have all of its runs.
void write_sweep_tables(const std::vector<const JournalReader*>& journals,
                        const OutputDirectory& out, const SweepSinks& sinks = {});

/// Returns the names of the varied parameters, in their order.
std::vector<std::string> parameter_names(const JournalHead& head);
/// Returns the names of the figures that are numbers, in their order.
std::vector<std::string> number_names(const JournalHead& head);
/// Returns the position of a name; the number of names if it is none of them.
std::size_t position_of(const std::vector<std::string>& names, const std::string& name);

/// Returns the figures of one row: nothing where a field is empty or a text. `verdict` and
/// `outcome` are those of the run.
struct RowFigures {
  std::string algorithm, outcome, verdict;
  std::vector<std::optional<double>> numbers;  // In the order of number_names().

  bool is_used() const { return outcome == "completed" && verdict == "stable"; }
};
RowFigures figures_of_row(const JournalHead& head, const std::string& row);

}  // namespace offcut::study
