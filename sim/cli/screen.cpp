// `offcut screen`: which parameters of a scenario matter for a figure, by Morris' elementary
// effects or Sobol's variance-based indices over stated ranges.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <numeric>
#include <set>

#include "models/base/csv_writer.h"
#include "models/base/readable.h"
#include "sim/cli/answer_commands.h"
#include "sim/cli/console.h"
#include "sim/cli/engine_options.h"
#include "sim/cli/figure_text.h"
#include "sim/cli/interruption.h"
#include "sim/cli/output_file.h"
#include "sim/cli/overwriting.h"
#include "sim/cli/program_version.h"
#include "sim/cli/progress_bar.h"
#include "sim/cli/terminal.h"
#include "sim/cli/text_table.h"
#include "sim/study/answers/run_memory.h"
#include "sim/study/answers/screened_factor.h"
#include "sim/study/answers/screening.h"
#include "sim/study/sweep/sweep_file.h"

namespace offcut::cli {
namespace {

constexpr std::int64_t kTrajectories = 10;
constexpr std::int64_t kSamples = 64;
constexpr std::int64_t kMostSamples = 100'000;
constexpr std::size_t kMostScreened =
    1000;  // Factors; Sobol's sequence has two dimensions of each.

using Points = std::vector<std::vector<double>>;
using Values = std::vector<std::optional<double>>;

/// The parameters and figures that are screened, and how.
struct Screening {
  std::vector<study::ScreenedFactor> factors;
  std::vector<std::string> figures;
  bool is_sobol = false;
  std::size_t count = 0;  // Of trajectories or samples.
  std::uint64_t seed = 1;
  double confidence = 0.95;
  std::size_t replications = 1;
  std::size_t runs = 0, saturated = 0, without_result = 0;
};

/// A figure's results by factor; one of the two.
struct FigureResult {
  std::string figure;
  std::vector<study::ElementaryEffects> effects;
  std::vector<study::SobolIndices> indices;
  std::size_t used = 0;  // Rows of Sobol's method.
};

std::size_t count_of(const std::string& option, const std::optional<std::int64_t>& given,
                     std::int64_t fallback, std::vector<Diagnostic>& diagnostics) {
  const std::int64_t count = given.value_or(fallback);
  if (count < 2 || count > kMostSamples) {
    diagnostics.push_back({{option}, fmt::format("expected 2 to {}, got {}", kMostSamples, count)});
  }
  return static_cast<std::size_t>(std::max<std::int64_t>(2, count));
}

Screening screening_of(const ScreenArguments& arguments) {
  Screening screening{.figures = arguments.figures};
  std::vector<Diagnostic> diagnostics;
  std::set<std::string> paths;
  for (const std::string& text : arguments.over) {
    screening.factors.push_back(study::read_factor(text, "--over", diagnostics));
    const std::string& path = screening.factors.back().path;
    if (!path.empty() && !paths.insert(path).second) {
      diagnostics.push_back({{"--over"}, fmt::format("{} is stated twice", in_quotes(path))});
    }
  }
  add_errors_of([&] { refuse_seed("--over", {paths.begin(), paths.end()}); }, diagnostics);
  if (screening.factors.size() > kMostScreened) {
    diagnostics.push_back(
        {{"--over"}, fmt::format("expected at most {} parameters", kMostScreened)});
  }
  if (std::find(kScreenMethods.begin(), kScreenMethods.end(), arguments.method) ==
      kScreenMethods.end()) {
    diagnostics.push_back({{"--method"},
                           fmt::format("unknown method {}{}", in_quotes(arguments.method),
                                       suggestion(arguments.method, kScreenMethods))});
  }
  screening.is_sobol = arguments.method == "sobol";
  if (screening.is_sobol ? arguments.trajectories.has_value() : arguments.samples.has_value()) {
    diagnostics.push_back({{screening.is_sobol ? "--trajectories" : "--samples"},
                           fmt::format("belongs to the other method; expected {}",
                                       screening.is_sobol ? "--samples" : "--trajectories")});
  }
  screening.count =
      screening.is_sobol
          ? count_of("--samples", arguments.samples, kSamples, diagnostics)
          : count_of("--trajectories", arguments.trajectories, kTrajectories, diagnostics);
  const char* const end = arguments.design_seed.data() + arguments.design_seed.size();
  if (std::from_chars(arguments.design_seed.data(), end, screening.seed).ptr != end) {
    diagnostics.push_back(
        {{"--design-seed"},
         fmt::format("expected a whole number, got {}", in_quotes(arguments.design_seed))});
  }
  for (const auto& read : std::vector<std::function<void()>>{
           [&] { check_figures("--figure", arguments.figures); },
           [&] { screening.confidence = confidence_of(arguments.common); },
           [&] { screening.replications = replications_of(arguments.common, 1, 1); }}) {
    try {
      read();
    } catch (const InputError& error) {
      add_new(error.diagnostics(), diagnostics);
    }
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  return screening;
}

/// Runs a scenario at points of the factors' ranges, and keeps the figures of all of them: the
/// methods ask for each figure at the same points.
class ScreenedScenario {
 public:
  ScreenedScenario(const ScreenArguments& arguments, const scenario::Registries& registries,
                   Screening& screening)
      : arguments_(arguments), registries_(registries), screening_(screening) {}

  /// Returns the means of a figure over the replications; none where one of them is saturated.
  Values values(const Points& points, std::size_t figure) {
    if (columns_.empty()) {
      run(points);
    }
    return columns_[figure];
  }

 private:
  study::Sweep sweep_of(const Points& points) const {
    study::Sweep sweep = study::sweep_of(arguments_.scenario, {});
    sweep.settings = arguments_.common.changes.overrides();
    sweep.replications = screening_.replications;
    study::Axis axis{.place = {"--over"}};
    for (const study::ScreenedFactor& factor : screening_.factors) {
      axis.paths.push_back(factor.path);
    }
    for (const std::vector<double>& point : points) {
      std::vector<std::string>& step = axis.steps.emplace_back();
      for (std::size_t i = 0; i < point.size(); ++i) {
        step.push_back(screening_.factors[i].value_at(point[i]));
      }
    }
    sweep.axes = {std::move(axis)};
    return sweep;
  }

  /// Points that have the same values, as whole numbers often do, are run once.
  void run(const Points& points) {
    const study::Sweep sweep = study::without_compared_plans(sweep_of(points), registries_);
    study::SweepWork work(sweep, {}, registries_, {program_version(), program_commit()},
                          budget_of(arguments_.common.budget));
    study::RunMemory memory(work, parallel_runs(arguments_.common.jobs));
    std::map<std::vector<std::string>, std::size_t> first;
    std::vector<std::size_t> same(points.size());
    std::vector<study::Job> jobs;
    for (std::size_t point = 0; point < points.size(); ++point) {
      const auto [entry, is_new] = first.emplace(sweep.values_at(point), point);
      same[point] = entry->second;
      for (std::size_t i = 0; is_new && i < sweep.replications; ++i) {
        jobs.push_back({.point = point, .variant = 0, .replication = i});
      }
    }
    simulate(memory, jobs);
    std::vector<std::size_t> positions;
    for (const std::string& figure : screening_.figures) {
      positions.push_back(memory.position_of(figure));
    }
    columns_.resize(screening_.figures.size());
    for (std::size_t point = 0; point < points.size(); ++point) {
      for (std::size_t figure = 0; figure < positions.size(); ++figure) {
        columns_[figure].push_back(mean_of(memory, same[point], positions[figure]));
      }
    }
  }

  void simulate(study::RunMemory& memory, const std::vector<study::Job>& jobs) {
    const Interruption interruption;
    ProgressBar bar("screen");
    memory.on_progress = [&](std::size_t finished, std::size_t known) {
      interruption.check();
      bar.show_runs("screen", finished, known);
    };
    memory.simulate(jobs);
    std::string first_error;
    for (const study::Job& job : jobs) {
      const study::RememberedRun& run = memory.run(job);
      screening_.saturated += run.is_saturated() ? 1U : 0U;
      screening_.without_result += run.is_used() || run.is_saturated() ? 0U : 1U;
      first_error = first_error.empty() ? run.error : first_error;
    }
    screening_.runs = jobs.size();
    if (!first_error.empty()) {
      throw InputError({arguments_.scenario},
                       fmt::format("a point of the ranges fails: {}", first_error));
    }
  }

  static std::optional<double> mean_of(const study::RunMemory& memory, std::size_t point,
                                       std::size_t position) {
    const std::size_t replications = memory.sweep().replications;
    double sum = 0;
    for (std::size_t i = 0; i < replications; ++i) {
      const study::RememberedRun& run =
          memory.run({.point = point, .variant = 0, .replication = i});
      if (!run.is_used() || !run.figures.numbers[position]) {
        return std::nullopt;
      }
      sum += *run.figures.numbers[position];
    }
    return sum / static_cast<double>(replications);
  }

  const ScreenArguments& arguments_;
  const scenario::Registries& registries_;
  Screening& screening_;
  std::vector<Values> columns_;  // By figure.
};

FigureResult result_of(const Screening& screening, std::size_t figure, ScreenedScenario& scenario) {
  FigureResult result{.figure = screening.figures[figure]};
  const study::ScreenedFunction function = [&](const Points& points) {
    return scenario.values(points, figure);
  };
  const std::size_t factors = screening.factors.size();
  if (screening.is_sobol) {
    result.indices = study::sobol_indices(
        factors,
        {.samples = screening.count, .seed = screening.seed, .confidence = screening.confidence},
        function, result.used);
  } else {
    result.effects = study::elementary_effects(factors,
                                               {.trajectories = screening.count,
                                                .seed = screening.seed,
                                                .confidence = screening.confidence},
                                               function);
  }
  return result;
}

/// Returns the factors with the most important one first.
std::vector<std::size_t> by_importance(const FigureResult& result, std::size_t factors) {
  std::vector<std::size_t> order(factors);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto importance = [&](std::size_t factor) {
    return !result.effects.empty() ? result.effects[factor].mean_absolute
                                   : result.indices[factor].total.estimate;
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return importance(a) > importance(b); });
  return order;
}

std::string share_text(const analysis::Interval& interval) {
  return fmt::format("{:.3f} ({:.3f} to {:.3f})", interval.estimate, interval.low, interval.high);
}

std::string result_text(const Screening& screening, const FigureResult& result) {
  const bool is_empty = result.effects.empty() && result.indices.empty();
  const bool has_none = std::all_of(result.effects.begin(), result.effects.end(),
                                    [](const auto& effect) { return effect.effects == 0; });
  if (is_empty || (!screening.is_sobol && has_none)) {
    return fmt::format("\n{}: it does not vary over the ranges, or too few runs are stable\n",
                       result.figure);
  }
  TextTable table = screening.is_sobol
                        ? TextTable({"parameter", ">first order", ">total"})
                        : TextTable({"parameter", ">mu*", ">+-", ">mu", ">sigma", ">effects"});
  table.set_least_important({"effects", "+-"});
  for (const std::size_t factor : by_importance(result, screening.factors.size())) {
    const std::string& path = screening.factors[factor].path;
    if (screening.is_sobol) {
      table.add({path, share_text(result.indices[factor].first),
                 share_text(result.indices[factor].total)});
      continue;
    }
    const study::ElementaryEffects& effect = result.effects[factor];
    const auto text = [&](double value) { return figure_text(result.figure, value); };
    table.add({path, text(effect.mean_absolute),
               effect.interval ? text(effect.interval->half_width()) : "-", text(effect.mean),
               text(effect.deviation), fmt::format("{}", effect.effects)});
  }
  return fmt::format("\n{}\n{}", result.figure, table.text());
}

std::string notes_of(const Screening& screening) {
  const std::string confidence = percent(screening.confidence, 4);
  std::string text = screening.is_sobol
                         ? fmt::format(
                               "first order: the share of the variance that a parameter "
                               "explains by itself; total: with all its interactions; {} "
                               "intervals by bootstrap\n",
                               confidence)
                         : fmt::format(
                               "mu*: how much the figure changes over the parameter's whole "
                               "range, with a {} interval; mu: with its sign; sigma: how "
                               "much that depends on where, and on other parameters\n",
                               confidence);
  text += counted(screening.runs, "run");
  if (screening.saturated > 0) {
    text += fmt::format(
        "; {} saturated: what they touch is left out, since their means depend on "
        "the length of the run",
        screening.saturated);
  }
  if (screening.without_result > 0) {
    text += fmt::format("; {} without a result", screening.without_result);
  }
  return text + "\n";
}

void write_screening(const Screening& screening, const std::vector<FigureResult>& results,
                     const std::string& path) {
  std::vector<std::string> header = {"figure", "parameter"};
  const std::vector<std::string> morris = {"mu_star", "mu_star_low", "mu_star_high",
                                           "mu",      "sigma",       "effects"};
  const std::vector<std::string> sobol = {"first",     "first_low",  "first_high", "total",
                                          "total_low", "total_high", "rows"};
  const std::vector<std::string>& own = screening.is_sobol ? sobol : morris;
  header.insert(header.end(), own.begin(), own.end());
  CsvWriter csv(path, header);
  for (const FigureResult& result : results) {
    for (std::size_t i = 0; i < screening.factors.size(); ++i) {
      csv.text(result.figure).text(screening.factors[i].path);
      if (screening.is_sobol && result.indices.empty()) {
        for (std::size_t field = 0; field + 1 < own.size(); ++field) {
          csv.empty();
        }
        csv.integer(static_cast<std::int64_t>(result.used));
      } else if (screening.is_sobol) {
        for (const analysis::Interval& share : {result.indices[i].first, result.indices[i].total}) {
          csv.number(share.estimate).number(share.low).number(share.high);
        }
        csv.integer(static_cast<std::int64_t>(result.used));
      } else {
        const study::ElementaryEffects& effect = result.effects[i];
        csv.number(effect.mean_absolute);
        if (effect.interval) {
          csv.number(effect.interval->low).number(effect.interval->high);
        } else {
          csv.empty().empty();
        }
        csv.number(effect.mean).number(effect.deviation);
        csv.integer(static_cast<std::int64_t>(effect.effects));
      }
      csv.end_row();
    }
  }
  csv.close();
}

}  // namespace

int screen(const ScreenArguments& arguments, const scenario::Registries& registries) {
  Screening screening = screening_of(arguments);
  check_can_be_written({arguments.common.out});
  refuse_overwriting("--out", {arguments.common.out},
                     scenario_inputs(arguments.scenario, arguments.common.changes.overrides()));
  ScreenedScenario scenario(arguments, registries, screening);
  std::vector<FigureResult> results;
  for (std::size_t figure = 0; figure < screening.figures.size(); ++figure) {
    results.push_back(result_of(screening, figure, scenario));
  }
  std::string text;
  for (const FigureResult& result : results) {
    text += result_text(screening, result);
  }
  say("{}\n{}", text.substr(1), fitted(notes_of(screening)));
  if (!arguments.common.out.empty()) {
    write_beside(arguments.common.out,
                 [&](const std::string& path) { write_screening(screening, results, path); });
    say("screening: {}\n", arguments.common.out);
  }
  return 0;
}

}  // namespace offcut::cli
