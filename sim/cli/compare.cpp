// `offcut compare`: which of several results, or scenarios, is better, by how much, and whether the
// difference is significant. Scenarios are run first, all with the same seeds.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>

#include "models/base/csv_writer.h"
#include "models/base/readable.h"
#include "sim/cli/answer_commands.h"
#include "sim/cli/compare_text.h"
#include "sim/cli/console.h"
#include "sim/cli/engine_options.h"
#include "sim/cli/interruption.h"
#include "sim/cli/output_file.h"
#include "sim/cli/overwriting.h"
#include "sim/cli/program_version.h"
#include "sim/cli/progress_bar.h"
#include "sim/cli/terminal.h"
#include "sim/study/answers/figure_comparison.h"
#include "sim/study/answers/result_folder.h"
#include "sim/study/answers/run_memory.h"
#include "sim/study/sweep/sweep_file.h"

namespace offcut::cli {
namespace {

namespace fs = std::filesystem;

using study::ComparedRun;
using study::ComparedSide;

constexpr std::size_t kComparedReplications = 10;

ComparedRun run_of(const study::RememberedRun& run, const std::vector<std::size_t>& positions,
                   std::string seed) {
  using Kind = ComparedRun::Kind;
  ComparedRun compared{.seed = std::move(seed)};
  compared.kind = run.is_used()        ? Kind::stable
                  : run.is_saturated() ? Kind::saturated
                                       : Kind::without_result;
  for (const std::size_t position : positions) {
    const auto value = run.error.empty() ? run.figures.numbers[position] : std::nullopt;
    compared.values.push_back(value.value_or(std::numeric_limits<double>::quiet_NaN()));
  }
  return compared;
}

/// Returns the smallest seed of the sides' runs that is a number; none if there are no runs.
std::optional<std::uint64_t> first_seed(const std::vector<ComparedSide>& sides) {
  std::optional<std::uint64_t> least;
  for (const ComparedSide& side : sides) {
    for (const ComparedRun& run : side.runs) {
      std::uint64_t seed = 0;
      const char* const end = run.seed.data() + run.seed.size();
      if (std::from_chars(run.seed.data(), end, seed).ptr == end && !run.seed.empty()) {
        least = least ? std::min(*least, seed) : seed;
      }
    }
  }
  return least;
}

/// Runs scenarios with the same seeds.
class ScenarioRuns {
 public:
  ScenarioRuns(const CompareArguments& arguments, const std::vector<std::string>& figures,
               const scenario::Registries& registries)
      : arguments_(arguments),
        figures_(figures),
        registries_(registries),
        changes_(arguments.common.changes.overrides()),
        budget_(budget_of(arguments.common.budget)),
        replications_(replications_of(arguments.common, kComparedReplications, 1)),
        parallel_(parallel_runs(arguments.common.jobs)) {}

  /// Sets the first seed of scenarios, unless an option gives one.
  void set_seed(std::optional<std::uint64_t> seed) {
    const bool is_given = std::any_of(changes_.begin(), changes_.end(),
                                      [](const auto& c) { return c.path == "seed"; });
    if (seed && !is_given) {
      changes_.push_back({.path = "seed", .value = fmt::format("{}", *seed), .given = "--seed"});
    }
  }

  ComparedSide run(const std::string& path) {
    study::Sweep all = study::sweep_of(path, {});
    all.settings = changes_;
    all.replications = replications_;
    const study::Sweep sweep = study::without_compared_plans(all, registries_);
    study::SweepWork work(sweep, {}, registries_, {program_version(), program_commit()}, budget_);
    const scenario::Scenario first = scenario::read_scenario(path, changes_, registries_);
    set_seed(first.seed);
    study::RunMemory memory(work, parallel_);
    const Interruption interruption;
    ProgressBar bar(fs::path(path).stem().string());
    memory.on_progress = [&](std::size_t finished, std::size_t known) {
      interruption.check();
      bar.show(static_cast<double>(finished) / static_cast<double>(known));
    };
    std::vector<study::Job> jobs;
    for (std::size_t i = 0; i < replications_; ++i) {
      jobs.push_back({.point = 0, .variant = 0, .replication = i});
    }
    memory.simulate(jobs);
    ComparedSide side{.name = path, .points = {{}}};
    std::vector<std::size_t> positions;
    for (const std::string& figure : figures_) {
      positions.push_back(memory.position_of(figure));
    }
    for (const study::Job& job : jobs) {
      const study::RememberedRun& run = memory.run(job);
      if (!run.error.empty()) {
        throw InputError({path},
                         fmt::format("replication {} failed: {}", job.replication + 1, run.error));
      }
      side.runs.push_back(run_of(run, positions, fmt::format("{}", first.seed + job.replication)));
    }
    return side;
  }

 private:
  const CompareArguments& arguments_;
  const std::vector<std::string>& figures_;
  const scenario::Registries& registries_;
  std::vector<scenario::Override> changes_;
  Seconds budget_;
  std::size_t replications_, parallel_;
};

/// Returns the name of an argument without a slash at its end.
std::string clean_name(const std::string& argument) {
  return argument.size() > 1 && argument.ends_with('/') ? argument.substr(0, argument.size() - 1)
                                                        : argument;
}

/// Returns the runs of all arguments. Folders are read first: scenarios get their seeds.
std::vector<ComparedSide> sides_of(const CompareArguments& arguments,
                                   const std::vector<std::string>& figures,
                                   const scenario::Registries& registries) {
  std::vector<std::vector<ComparedSide>> all(arguments.sides.size());
  std::vector<Diagnostic> diagnostics;
  std::vector<std::size_t> scenarios;
  for (std::size_t i = 0; i < arguments.sides.size(); ++i) {
    const std::string name = clean_name(arguments.sides[i]);
    if (!fs::is_directory(name)) {
      scenarios.push_back(i);
      continue;
    }
    try {
      all[i] = study::read_results(name, figures, arguments.sides.size() == 1);
    } catch (const InputError& error) {
      add_new(error.diagnostics(), diagnostics);
    }
  }
  for (const std::size_t i : scenarios) {
    try {
      if (study::is_sweep_file(arguments.sides[i])) {
        diagnostics.push_back({{arguments.sides[i]},
                               "is a sweep: expected a scenario, or the folder "
                               "of results of this sweep"});
      } else {
        scenario::read_scenario(arguments.sides[i], arguments.common.changes.overrides(),
                                registries);
      }
    } catch (const InputError& error) {
      add_new(error.diagnostics(), diagnostics);
    }
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  std::vector<ComparedSide> sides;
  for (const std::vector<ComparedSide>& some : all) {
    sides.insert(sides.end(), some.begin(), some.end());
  }
  ScenarioRuns runs(arguments, figures, registries);
  runs.set_seed(first_seed(sides));
  for (const std::size_t i : scenarios) {
    all[i] = {runs.run(arguments.sides[i])};
  }
  sides.clear();
  for (std::vector<ComparedSide>& some : all) {
    std::move(some.begin(), some.end(), std::back_inserter(sides));
  }
  return sides;
}

void write_comparison(const study::Comparison& comparison, const std::string& path) {
  std::vector<std::string> header = comparison.parameters;
  header.insert(header.end(), {"side", "against", "figure", "pairs", "mean", "against_mean",
                               "difference", "low", "high", "relative_difference", "p_value",
                               "adjusted_p_value", "significant", "better"});
  CsvWriter csv(path, header);
  for (const study::ComparedPoint& row : comparison.rows) {
    for (const study::ComparedFigure& figure : row.figures) {
      for (const std::string& value : comparison.points[row.point]) {
        csv.text(value);
      }
      csv.text(comparison.sides[row.side]).text(comparison.sides.front());
      csv.text(comparison.figures[figure.figure]).integer(static_cast<std::int64_t>(figure.pairs));
      csv.number(figure.mean).number(figure.first_mean).number(figure.difference());
      if (figure.paired) {
        csv.number(figure.paired->difference.low).number(figure.paired->difference.high);
      } else {
        csv.empty().empty();
      }
      csv.field(figure.relative_difference());
      if (figure.paired) {
        csv.number(figure.paired->p_value).number(figure.adjusted_p);
        csv.field(figure.is_significant);
      } else {
        csv.empty().empty().empty();
      }
      const auto better = better_side(comparison, row, figure);
      csv.text(better ? comparison.sides[*better] : "").end_row();
    }
  }
  csv.close();
}

/// Throws InputError if the output would replace a file that is read.
void keep_inputs(const CompareArguments& arguments) {
  std::vector<std::string> inputs;
  for (const std::string& side : arguments.sides) {
    if (fs::is_directory(side)) {
      inputs.push_back((fs::path(side) / "sweep.csv").string());
      inputs.push_back((fs::path(side) / "summary.csv").string());
    } else {
      const std::vector<std::string> more =
          scenario_inputs(side, arguments.common.changes.overrides());
      inputs.insert(inputs.end(), more.begin(), more.end());
    }
  }
  check_can_be_written({arguments.common.out});
  refuse_overwriting("--out", {arguments.common.out}, inputs);
}

}  // namespace

int compare(const CompareArguments& arguments, const scenario::Registries& registries) {
  const double confidence = confidence_of(arguments.common);
  check_figures("--figure", arguments.figures);
  const std::vector<std::string> figures =
      arguments.figures.empty() ? study::compared_figures() : arguments.figures;
  const std::string too_few =
      "expected at least two results, scenarios or variants of a sweep, got one";
  if (arguments.sides.size() == 1 && !fs::is_directory(arguments.sides.front())) {
    throw InputError({"offcut compare"}, too_few);
  }
  const bool has_scenario =
      !std::all_of(arguments.sides.begin(), arguments.sides.end(),
                   [](const std::string& side) { return fs::is_directory(side); });
  if (!has_scenario &&
      (arguments.common.replications || !arguments.common.changes.overrides().empty())) {
    throw InputError({"offcut compare"},
                     "--replications, --seed, --set and --bind change runs of scenarios; the runs "
                     "of folders are finished");
  }
  keep_inputs(arguments);
  const std::vector<ComparedSide> sides = sides_of(arguments, figures, registries);
  if (sides.size() < 2) {
    throw InputError({"offcut compare"}, too_few);
  }
  const study::Comparison comparison = study::compare_sides(sides, figures, confidence);
  say("{}", comparison_text(comparison));
  if (!arguments.common.out.empty()) {
    write_beside(arguments.common.out,
                 [&](const std::string& path) { write_comparison(comparison, path); });
    say("comparison: {}\n", arguments.common.out);
  }
  return 0;
}

}  // namespace offcut::cli
