// `offcut size`: the smallest, or cheapest, value of a parameter for which conditions hold, found
// by bisection over replicated runs.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "analysis/tables/summary_table.h"
#include "models/base/csv_writer.h"
#include "models/base/readable.h"
#include "sim/cli/answer_commands.h"
#include "sim/cli/chosen_scenario.h"
#include "sim/cli/console.h"
#include "sim/cli/engine_options.h"
#include "sim/cli/exit_codes.h"
#include "sim/cli/interruption.h"
#include "sim/cli/output_file.h"
#include "sim/cli/overwriting.h"
#include "sim/cli/program_version.h"
#include "sim/cli/progress_bar.h"
#include "sim/cli/size_text.h"
#include "sim/study/answers/value_runs.h"
#include "sim/study/sweep/sweep_file.h"

namespace offcut::cli {
namespace {

constexpr std::size_t kSizeReplications = 10;
constexpr std::size_t kMostSizes = 10'000;

/// Reads the options that state the question. Throws InputError with all errors.
SizeResult question_of(const SizeArguments& arguments) {
  SizeResult result;
  std::vector<Diagnostic> diagnostics;
  const std::vector<std::string> known = analysis::figures_of_summary();
  result.question.conditions =
      study::read_conditions(arguments.until, known, {"--until"}, diagnostics);
  for (const study::Condition& condition : result.question.conditions) {
    result.figures.push_back(condition.figure);
  }
  const auto note_errors = [&](const auto& read) { add_errors_of(read, diagnostics); };
  if (!arguments.cost.empty()) {
    note_errors([&] { check_figures("--cost", {arguments.cost}); });
    result.question.has_cost = true;
    result.figures.push_back(arguments.cost);
  }
  note_errors([&] { result.question.confidence = confidence_of(arguments.common); });
  note_errors([&] {
    result.sweep = study::sweep_of(arguments.scenario, {.vary = arguments.vary});
    refuse_seed("--vary", result.sweep.parameters());
    result.sweep.replications = replications_of(arguments.common, kSizeReplications, 2);
    result.sweep.settings = arguments.common.changes.overrides();
  });
  if (arguments.vary.size() > 1 && arguments.cost.empty()) {
    diagnostics.push_back({{"--vary"},
                           "with several parameters there is no smallest value: expected "
                           "--cost FIGURE"});
  }
  if (diagnostics.empty() && result.sweep.point_count() > kMostSizes) {
    diagnostics.push_back({{"--vary"},
                           fmt::format("expected at most {} values, got {}", kMostSizes,
                                       result.sweep.point_count())});
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  return result;
}

/// Replaces the points of the sweep by those that are valid scenarios, in the order of their
/// values. Throws InputError with the errors of the first one if none is.
void keep_valid_points(const scenario::Registries& registries, SizeResult& result) {
  const study::Sweep all = result.sweep;
  const auto order = study::points_by_size(all);
  result.question.is_ordered = order.has_value();
  study::Axis axis{.paths = all.parameters(), .place = all.axes.front().place};
  std::vector<Diagnostic> errors;
  for (std::size_t i = 0; i < all.point_count(); ++i) {
    const std::size_t point = order ? (*order)[i] : i;
    axis.steps.push_back(all.values_at(point));
    try {
      scenario::read_scenario(all.base, all.settings_of(point, 0), registries);
    } catch (const InputError& error) {
      errors = errors.empty() ? error.diagnostics() : errors;
      result.invalid.push_back(fmt::format("{}", fmt::join(axis.steps.back(), ", ")));
      axis.steps.pop_back();
    }
  }
  if (axis.steps.empty()) {
    throw InputError(std::move(errors));
  }
  result.question.values = axis.steps.size();
  result.sweep.axes = {std::move(axis)};
}

/// Runs the search with a progress bar.
void search(const SizeArguments& arguments, const scenario::Registries& registries,
            SizeResult& result) {
  const study::Sweep sweep = study::without_compared_plans(result.sweep, registries);
  study::SweepWork work(sweep, {}, registries, {program_version(), program_commit()},
                        budget_of(arguments.common.budget));
  study::RunMemory memory(work, parallel_runs(arguments.common.jobs));
  const Interruption interruption;
  ProgressBar bar("size");
  memory.on_progress = [&](std::size_t finished, std::size_t known) {
    interruption.check();
    bar.show_runs("size", finished, known);
  };
  const study::RunValues run = study::values_of_sweep(memory, result.figures);
  result.answer = study::find_size(result.question, run);
  for (const study::TriedValue& tried : result.answer.tried) {
    for (std::size_t i = 0; i < result.sweep.replications; ++i) {
      const study::RememberedRun& one =
          memory.run({.point = tried.value, .variant = 0, .replication = i});
      const std::string outcome = one.error.empty() ? one.figures.outcome : one.error;
      if (outcome != "completed") {
        result.failures.push_back(fmt::format("{}: {}", value_text(result, tried.value), outcome));
        break;
      }
    }
  }
}

void write_tried(const SizeResult& result, const std::string& path) {
  std::vector<std::string> header = result.sweep.parameters();
  header.insert(header.end(), {"replications", "saturated", "without_result"});
  std::vector<std::string> figures;  // Each once, though several conditions may be about it.
  for (const std::string& figure : result.figures) {
    if (std::find(figures.begin(), figures.end(), figure) == figures.end()) {
      figures.push_back(figure);
      header.insert(header.end(), {figure, figure + "_low", figure + "_high"});
    }
  }
  header.insert(header.end(), {"holds", "chosen"});
  CsvWriter csv(path, header);
  for (const study::TriedValue& tried : result.answer.tried) {
    for (const std::string& value : result.sweep.values_at(tried.value)) {
      csv.text(value);
    }
    csv.integer(static_cast<std::int64_t>(tried.runs.replications));
    csv.integer(static_cast<std::int64_t>(tried.runs.saturated));
    csv.integer(static_cast<std::int64_t>(tried.runs.without_result));
    for (const std::string& figure : figures) {
      const auto at = std::find(result.figures.begin(), result.figures.end(), figure);
      const auto& interval = tried.intervals[static_cast<std::size_t>(at - result.figures.begin())];
      if (interval) {
        csv.number(interval->estimate).number(interval->low).number(interval->high);
      } else {
        csv.empty().empty().empty();
      }
    }
    csv.field(tried.all_hold()).field(result.answer.value == tried.value).end_row();
  }
  csv.close();
}

}  // namespace

int size(const SizeArguments& arguments, const scenario::Registries& registries) {
  SizeResult result = question_of(arguments);
  check_can_be_written({arguments.common.out, arguments.write});
  refuse_overwriting("--out", {arguments.common.out},
                     scenario_inputs(arguments.scenario, result.sweep.settings));
  refuse_overwriting("--write", {arguments.write},
                     scenario_inputs(arguments.scenario, result.sweep.settings));
  keep_valid_points(registries, result);
  search(arguments, registries, result);
  say("{}", size_text(result, arguments));
  if (!arguments.common.out.empty()) {
    write_beside(arguments.common.out, [&](const std::string& path) { write_tried(result, path); });
    say("tried values: {}\n", arguments.common.out);
  }
  if (arguments.write.empty()) {
    return kDone;
  }
  if (!result.answer.value) {
    say("{} was not written\n", arguments.write);
    return kFailure;
  }
  write_chosen_scenario(
      arguments.write, arguments.scenario, result.sweep.settings_of(*result.answer.value, 0),
      fmt::format("{} with {}, chosen by offcut size so that {}", arguments.scenario,
                  value_text(result, *result.answer.value), arguments.until),
      registries);
  say("scenario: {}\n", arguments.write);
  return kDone;
}

}  // namespace offcut::cli
