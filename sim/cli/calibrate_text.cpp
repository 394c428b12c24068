// The report of a calibration: the fitted keys, the comparison of measured and predicted latencies,
// and what follows from it.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "models/base/csv_writer.h"
#include "models/base/readable.h"
#include "sim/cli/calibrate_command.h"
#include "sim/cli/json_document.h"
#include "sim/cli/terminal.h"
#include "sim/cli/text_table.h"

namespace offcut::cli {
namespace {

using study::ComparedLatency;
using study::kComparedFigures;
using study::RunComparison;

constexpr double kMilli = 1e3;

std::string in_milliseconds(double seconds) { return significant(seconds * kMilli, 4); }

std::string signed_percent(double share) { return fmt::format("{:+.1f} %", share * 100); }

std::string fitted_keys_text(const study::Calibration& calibration) {
  TextTable table({"key", "given", "fitted", "95 %"});
  for (const study::FittedKey& key : calibration.keys) {
    table.add({key.path(), key.given, key.fitted, key.interval});
  }
  return table.text();
}

std::string latencies_text(const std::vector<RunComparison>& runs) {
  TextTable table({"run", "", ">measured (ms)", "95 %", ">predicted", ">error", ">before"});
  for (const RunComparison& run : runs) {
    for (std::size_t i = 0; i < kComparedFigures.size(); ++i) {
      const ComparedLatency& figure = run.figures[i];
      table.add({i == 0 ? run.name : "", kComparedFigures[i],
                 in_milliseconds(figure.measured.estimate),
                 fmt::format("{} to {}", in_milliseconds(figure.measured.low),
                             in_milliseconds(figure.measured.high)),
                 fmt::format("{} +-{}", in_milliseconds(figure.predicted.estimate),
                             significant(figure.predicted.half_width() * kMilli, 2)),
                 signed_percent(figure.error()), signed_percent(figure.error_before())});
    }
  }
  return table.text();
}

/// Returns the parts of the miss of each run.
std::string misses_text(const std::vector<RunComparison>& runs) {
  TextTable table({"run", ">miss (ms)", "part", ">its miss", ">measured", ">predicted"});
  for (const RunComparison& run : runs) {
    const auto part = static_cast<std::size_t>(run.part_of_miss());
    const ComparedLatency& mean = run.figures.back();
    table.add(
        {run.name,
         fmt::format("{:+.2f}", (mean.predicted.estimate - mean.measured.estimate) * kMilli),
         study::kMeasuredParts[part],
         fmt::format("{:+.2f}", (run.predicted_parts[part] - run.measured_parts[part]) * kMilli),
         in_milliseconds(run.measured_parts[part]), in_milliseconds(run.predicted_parts[part])});
  }
  return table.text();
}

std::string errors_text(const study::ComparisonSummary& summary) {
  TextTable table({"absolute errors", ">runs", ">MAPE", ">median", ">before"});
  for (std::size_t i = 0; i < kComparedFigures.size(); ++i) {
    const auto& errors = summary.figures[i];
    if (errors.runs > 0) {
      table.add({kComparedFigures[i], fmt::format("{}", errors.runs), to_percent(errors.mape),
                 to_percent(errors.median), to_percent(errors.median_before)});
    }
  }
  return table.text();
}

std::string cuts_text(const CalibrationReport& report) {
  std::string text;
  const BestCuts& best = report.best;
  if (!best.before.empty() && !best.after.empty()) {
    text += best.before == best.after
                ? fmt::format("best cut ({}, idle): {}, before and after the calibration\n",
                              best.algorithm, best.after)
                : fmt::format(
                      "best cut ({}, idle) changes: {} before, {} after the "
                      "calibration\n",
                      best.algorithm, best.before, best.after);
  }
  if (report.summary.kendall) {
    text += fmt::format(
        "rank correlation of {} runs of several cuts: Kendall {:.2f}, Spearman "
        "{:.2f}\n",
        report.summary.compared_cuts, *report.summary.kendall, *report.summary.spearman);
    for (const std::string& line : report.summary.best_cuts) {
      text += fmt::format("best measured cut at {}\n", line);
    }
  }
  return text;
}

Json interval_json(const analysis::Interval& interval) {
  return {{"estimate", interval.estimate}, {"low", interval.low}, {"high", interval.high}};
}

Json run_json(const RunComparison& run) {
  Json figures = Json::object();
  for (std::size_t i = 0; i < kComparedFigures.size(); ++i) {
    const ComparedLatency& figure = run.figures[i];
    figures[kComparedFigures[i]] = {{"measured_s", interval_json(figure.measured)},
                                    {"predicted_s", interval_json(figure.predicted)},
                                    {"error", figure.error()},
                                    {"before_s", figure.before},
                                    {"error_before", figure.error_before()}};
  }
  Json parts = Json::object();
  for (std::size_t i = 0; i < study::kMeasuredParts.size(); ++i) {
    parts[study::kMeasuredParts[i]] = {{"measured_s", run.measured_parts[i]},
                                       {"predicted_s", run.predicted_parts[i]}};
  }
  return {{"run", run.name},
          {"load", run.load},
          {"cut", run.cut},
          {"held_out", run.held_out},
          {"requests", run.requests},
          {"figures", figures},
          {"parts", parts},
          {"part_of_miss", study::kMeasuredParts[static_cast<std::size_t>(run.part_of_miss())]},
          {"busiest", run.busiest},
          {"load_of_busiest", run.load_of_busiest}};
}

}  // namespace

std::string calibration_text(const CalibrationReport& report) {
  const bool held_out = std::all_of(report.runs.begin(), report.runs.end(),
                                    [](const RunComparison& run) { return run.held_out; });
  std::string text = fitted_keys_text(report.calibration);
  for (const std::string& note : report.calibration.notes) {
    text += fitted(note + "\n");
  }
  text += fmt::format("\n{}\n{}\n{}\n{}\n",
                      held_out ? "runs that their prediction was not fitted to:"
                               : "the run that the scenario was fitted to (no prediction):",
                      latencies_text(report.runs), misses_text(report.runs),
                      errors_text(report.summary));
  text += fitted(cuts_text(report));
  for (const std::string& warning : report.warnings) {
    text += fitted(fmt::format("warning: {}\n", warning));
  }
  return text;
}

void add_calibration_json(const CalibrationReport& report) {
  Json keys = Json::array();
  for (const study::FittedKey& key : report.calibration.keys) {
    keys.push_back({{"key", key.path()},
                    {"value", key.value_in("")},
                    {"given", key.given},
                    {"fitted", key.fitted},
                    {"interval", key.interval},
                    {"origin", key.origin}});
  }
  Json runs = Json::array();
  for (const RunComparison& run : report.runs) {
    runs.push_back(run_json(run));
  }
  Json errors = Json::object();
  for (std::size_t i = 0; i < kComparedFigures.size(); ++i) {
    const auto& figure = report.summary.figures[i];
    errors[kComparedFigures[i]] = {{"runs", figure.runs},
                                   {"mape", figure.mape},
                                   {"median", figure.median},
                                   {"median_before", figure.median_before}};
  }
  Json& content = json_content();
  content["keys"] = keys;
  content["notes"] = report.calibration.notes;
  content["runs"] = runs;
  content["errors"] = errors;
  content["kendall"] = or_null(report.summary.kendall);
  content["spearman"] = or_null(report.summary.spearman);
  content["best_cut"] = {{"algorithm", report.best.algorithm},
                         {"before", report.best.before},
                         {"after", report.best.after},
                         {"latency_before_s", report.best.latency_before},
                         {"latency_after_s", report.best.latency_after}};
  content["warnings"] = report.warnings;
}

void write_comparison(const CalibrationReport& report, const std::string& path) {
  CsvWriter csv(path, {"run", "load", "cut", "held_out", "requests", "figure", "measured_s",
                       "measured_low_s", "measured_high_s", "predicted_s", "predicted_low_s",
                       "predicted_high_s", "error", "before_s", "error_before", "part_of_miss"});
  for (const RunComparison& run : report.runs) {
    for (std::size_t i = 0; i < kComparedFigures.size(); ++i) {
      const ComparedLatency& figure = run.figures[i];
      csv.text(run.name).text(run.load).text(run.cut).integer(run.held_out ? 1 : 0);
      csv.integer(static_cast<std::int64_t>(run.requests)).text(kComparedFigures[i]);
      for (const analysis::Interval* interval : {&figure.measured, &figure.predicted}) {
        csv.number(interval->estimate).number(interval->low).number(interval->high);
      }
      csv.number(figure.error()).number(figure.before).number(figure.error_before());
      csv.text(study::kMeasuredParts[static_cast<std::size_t>(run.part_of_miss())]).end_row();
    }
  }
  csv.close();
}

}  // namespace offcut::cli
