// `offcut calibrate`: fits a scenario to measured runs, and says how well it predicts runs that it
// was not fitted to: those of --holdout, or each measured run from a fit to the others.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <list>

#include "models/base/output_directory.h"
#include "models/base/readable.h"
#include "models/base/staging.h"
#include "sim/cli/answer_commands.h"
#include "sim/cli/calibrate_command.h"
#include "sim/cli/command_line.h"
#include "sim/cli/common_options.h"
#include "sim/cli/console.h"
#include "sim/cli/exit_codes.h"
#include "sim/cli/interruption.h"
#include "sim/cli/json_document.h"
#include "sim/cli/offers.h"
#include "sim/cli/output_file.h"
#include "sim/cli/overwriting.h"
#include "sim/cli/progress_bar.h"
#include "sim/experiment/plan_runs.h"
#include "sim/scenario/edited_scenario.h"

namespace offcut::cli {
namespace {

namespace fs = std::filesystem;

using study::Calibration;
using study::ComparableRun;
using study::RunComparison;

constexpr double kWorstP50 = 0.05;
constexpr double kWorstP99 = 0.10;
constexpr double kNearSaturation = 0.9;
constexpr std::int64_t kMostPredictions = 1000;
constexpr const char* kPlanner = "multi-tier";  // If the scenario's own plan is fixed.

void write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) {
    throw InputError({path}, "cannot be written");
  }
}

/// The measured runs, and the scenario that they are compared with.
struct Input {
  experiment::Experiment experiment;
  std::list<study::MeasuredRun> runs;  // References stay valid.
  std::vector<ComparableRun> fitted, held_out;
};

/// Reads all folders and the scenario. Throws InputError with the errors of all of them.
Input read_input(const CalibrateArguments& arguments, const scenario::Registries& registries) {
  Input input;
  std::vector<Diagnostic> diagnostics;
  std::optional<experiment::Experiment> experiment;
  add_errors_of(
      [&] {
        experiment = experiment::read_experiment(arguments.scenario, {}, registries);
        study::check_comparable(experiment->scenario, arguments.scenario);
      },
      diagnostics);
  if (arguments.replications < 1 || arguments.replications > kMostPredictions) {
    diagnostics.push_back(
        {{"--replications"},
         fmt::format("expected 1 to {}, got {}", kMostPredictions, arguments.replications)});
  }
  std::vector<fs::path> seen;
  const auto read = [&](const std::string& folder, const char* option,
                        std::vector<ComparableRun>& into) {
    std::error_code error;
    const fs::path canonical = fs::weakly_canonical(folder, error);
    if (std::find(seen.begin(), seen.end(), canonical) != seen.end()) {
      diagnostics.push_back({{option}, fmt::format("{} is given twice", folder)});
      return;
    }
    seen.push_back(canonical);
    add_errors_of(
        [&] {
          input.runs.push_back(study::read_measured(folder));
          if (experiment && diagnostics.empty()) {
            into.push_back({&input.runs.back(), study::plan_of(input.runs.back(), *experiment)});
          }
        },
        diagnostics);
  };
  for (const std::string& folder : arguments.measured) {
    read(folder, "MEASURED", input.fitted);
  }
  for (const std::string& folder : arguments.holdout) {
    read(folder, "--holdout", input.held_out);
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  input.experiment = std::move(*experiment);
  return input;
}

/// Predicts and compares runs.
class Comparisons {
 public:
  Comparisons(const CalibrateArguments& arguments, const scenario::Registries& registries,
              const Input& input, std::string stem, const std::string& folder)
      : registries_(registries),
        input_(input),
        stem_(std::move(stem)),
        settings_{.scenario = arguments.scenario,
                  .overrides = {},
                  .replications = static_cast<std::size_t>(arguments.replications),
                  .parallel = parallel_runs(arguments.jobs),
                  .folder = folder} {}

  experiment::Experiment fitted_experiment(const Calibration& calibration) const {
    return experiment::read_experiment(
        settings_.scenario, study::overrides_of(calibration, settings_.folder), registries_);
  }

  std::vector<RunComparison> compare() {
    std::vector<RunComparison> runs;
    for (const ComparableRun& run : input_.held_out) {
      runs.push_back(compare(run, input_.fitted, true));
    }
    for (std::size_t i = 0; input_.held_out.empty() && i < input_.fitted.size(); ++i) {
      std::vector<ComparableRun> others = input_.fitted;
      if (others.size() > 1) {
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
      }
      runs.push_back(compare(input_.fitted[i], others, input_.fitted.size() > 1));
    }
    return runs;
  }

 private:
  RunComparison compare(const ComparableRun& run, const std::vector<ComparableRun>& fitted,
                        bool held_out) {
    interruption_.check();
    const double rate = run.run->is_closed ? 0 : run.run->rate();
    const Calibration calibration = study::fit_scenario(input_.experiment, fitted, stem_, rate);
    const auto before = study::predict_runs({run}, nullptr, settings_, registries_);
    const auto after = study::predict_runs({run}, &calibration, settings_, registries_);
    return study::compare_run(run, before.front(), after.front(), fitted_experiment(calibration),
                              held_out);
  }

  const scenario::Registries& registries_;
  const Input& input_;
  std::string stem_;
  study::PredictionSettings settings_;
  const Interruption interruption_;
};

/// Returns the last layer of each tier but the last that has any, as "after pool5".
std::string cut_text(const partition::Problem& problem, const partition::Assignment& tier_of) {
  std::vector<std::string> lasts;
  for (std::size_t tier = 0; tier + 1 < problem.tier_count(); ++tier) {
    for (LayerId id = tier_of.size(); id-- > 0;) {
      if (tier_of[id] == tier) {
        lasts.push_back(problem.layers[id]);
        break;
      }
    }
  }
  const bool is_whole =
      std::all_of(tier_of.begin(), tier_of.end(), [](std::size_t tier) { return tier == 0; });
  return is_whole        ? "all on the device"
         : lasts.empty() ? "after the input"
                         : fmt::format("after {}", fmt::join(lasts, ", "));
}

BestCuts best_cuts(const experiment::Experiment& before, const experiment::Experiment& after,
                   const scenario::Registries& registries) {
  const partition::Algorithm* own = before.scenario.models.front().plan.algorithm;
  const bool is_given = own == nullptr || own->name == "fixed" || own->name == "file";
  BestCuts best{.algorithm = is_given ? kPlanner : own->name};
  const auto plan = [&](const experiment::Experiment& experiment, std::string& cut,
                        double& latency) {
    const experiment::PreparedModel& model = experiment.models.front();
    const auto outcome = experiment::plan_all(model, experiment.choice_of(model).plan,
                                              {registries.algorithms.find(best.algorithm)});
    if (const auto* found = std::get_if<partition::Plan>(&outcome.front())) {
      cut = cut_text(model.problem, found->tier_of);
      latency = found->latency().si();
    }
  };
  plan(before, best.before, best.latency_before);
  plan(after, best.after, best.latency_after);
  return best;
}

std::vector<std::string> warnings_of(const std::vector<RunComparison>& runs) {
  std::vector<std::string> warnings;
  const auto warn = [&](const RunComparison& run, std::size_t figure, double worst) {
    const double error = run.figures[figure].error();
    if (std::abs(error) > worst) {
      warnings.push_back(fmt::format("{}: {} is {} off, more than {}", run.name,
                                     study::kComparedFigures[figure], percent(error, 2),
                                     percent(worst, 2)));
    }
  };
  for (const RunComparison& run : runs) {
    warn(run, 0, kWorstP50);
    if (run.has_p99()) {
      warn(run, 2, kWorstP99);
    }
    if (run.load_of_busiest > kNearSaturation) {
      warnings.push_back(
          fmt::format("{}: {} is near saturation ({} of its capacity), where small "
                      "errors of its times become large ones of waits",
                      run.name, run.busiest, percent(run.load_of_busiest, 2)));
    }
  }
  return warnings;
}

/// Returns the calibrated scenario.
std::string scenario_text(const CalibrateArguments& arguments, const Input& input,
                          const Calibration& calibration, const fs::path& folder) {
  std::vector<scenario::EditedKey> keys;
  for (const study::FittedKey& key : calibration.keys) {
    keys.push_back({key.keys[0], key.keys[1], key.keys[2], key.value_in(""), key.comment()});
  }
  std::vector<std::string> names;
  for (const ComparableRun& run : input.fitted) {
    names.push_back(run.run->name);
  }
  return fmt::format("# Fitted by offcut calibrate to {}.\n", fmt::join(names, ", ")) +
         scenario::edited_scenario(arguments.scenario, input.experiment.scenario.resolved, keys,
                                   folder);
}

}  // namespace

int calibrate(const CalibrateArguments& arguments, const scenario::Registries& registries) {
  const Input input = read_input(arguments, registries);
  check_can_be_written({arguments.out, arguments.csv});
  const fs::path out = fs::absolute(arguments.out);
  const std::string stem = out.stem().string();
  CalibrationReport report{.calibration =
                               study::fit_scenario(input.experiment, input.fitted, stem)};
  std::vector<std::string> written = {out.string(), arguments.csv};
  std::vector<std::string> names = {out.filename().string()};
  for (const auto& [name, text] : report.calibration.files) {
    written.push_back((out.parent_path() / name).string());
    names.push_back(name);
  }
  std::vector<std::string> inputs = scenario_inputs(arguments.scenario, {});
  for (const study::MeasuredRun& run : input.runs) {
    inputs.push_back(run.folder + "/requests.csv");
  }
  refuse_overwriting("--out", written, inputs);
  {
    const Staging temporary(out.parent_path());
    Comparisons comparisons(arguments, registries, input, stem, temporary.files().string());
    const experiment::Experiment fitted = comparisons.fitted_experiment(report.calibration);
    report.best = best_cuts(input.experiment, fitted, registries);
    report.runs = comparisons.compare();
  }
  report.summary = study::summarise(report.runs);
  report.warnings = warnings_of(report.runs);
  OutputDirectory folder(out.parent_path(), names);
  folder.keep_folder();
  write_into(folder, [&] {
    for (const auto& [name, text] : report.calibration.files) {
      write_text(folder.file(name), text);
    }
    write_text(folder.file(names.front()),
               scenario_text(arguments, input, report.calibration, out.parent_path()));
  });
  folder.commit();
  if (!arguments.csv.empty()) {
    write_beside(arguments.csv, [&](const std::string& path) { write_comparison(report, path); });
  }
  if (is_json()) {
    add_calibration_json(report);
    print_json();
    return kDone;
  }
  say("{}\nscenario: {}\n", calibration_text(report), arguments.out);
  if (!arguments.csv.empty()) {
    say("comparison: {}\n", arguments.csv);
  }
  return kDone;
}

void CommandLine::add_calibrate() {
  CLI::App* command = add_command(
      "calibrate", "Fit a scenario to measured runs, and say how well it predicts others",
      "Fits the times of tiers, their noise and the links, each from the columns that show it, and "
      "writes a scenario that differs in the fitted keys alone. Predicts the runs of --holdout; "
      "without it, each measured run from a fit to the others.\n\n"
      "Example: offcut calibrate measured/closed measured/50 --holdout measured/80 \\\n"
      "           --scenario mine.yaml --out calibrated.yaml",
      [this](const auto& registries) { return cli::calibrate(calibrate_, registries); });
  command
      ->add_option("MEASURED", calibrate_.measured,
                   "Folders that 'offcut serve --load LOAD --out DIR' wrote")
      ->required();
  offer_files(add_text(command, "--scenario", calibrate_.scenario, "FILE",
                       "The scenario (YAML) of the measured system"),
              {".yaml", ".yml"})
      ->required();
  add_text(command, "--out", calibrate_.out, "FILE",
           "The fitted scenario to write; files with its noise get names that begin with its own")
      ->required();
  add_repeated(command, "--holdout", calibrate_.holdout, "DIR",
               "Do not fit this measured run, but predict it");
  add_text(command, "--csv", calibrate_.csv, "FILE", "Also write the comparison as a CSV file");
  command
      ->add_option("--replications", calibrate_.replications,
                   "Simulate each predicted run N times, with the scenario's seed and those after "
                   "it")
      ->type_name("N")
      ->capture_default_str();
  command
      ->add_option("-j,--jobs", calibrate_.jobs,
                   "Run N at the same time (default: the number of processors)")
      ->type_name("N");
  add_json(command);
  add_max_memory(command);
  add_quiet(command);
}

}  // namespace offcut::cli
