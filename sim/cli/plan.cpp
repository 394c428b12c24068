// `offcut plan`: asks all algorithms for plans of a scenario's models, and compares them. Studies
// of the best plan (--explain, --sensitivity, --pareto) take whichever algorithm proves the
// optimum.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>

#include "analysis/report.h"
#include "models/base/cpu_time.h"
#include "models/base/output_directory.h"
#include "models/base/readable.h"
#include "partition/drawing.h"
#include "sim/cli/commands.h"
#include "sim/cli/console.h"
#include "sim/cli/engine_options.h"
#include "sim/cli/interruption.h"
#include "sim/cli/json_document.h"
#include "sim/cli/load_choice_text.h"
#include "sim/cli/output_file.h"
#include "sim/cli/overwriting.h"
#include "sim/cli/plan_explanation.h"
#include "sim/cli/plan_files.h"
#include "sim/cli/plan_json.h"
#include "sim/cli/plan_table.h"
#include "sim/cli/progress_bar.h"
#include "sim/cli/scenario_json.h"
#include "sim/cli/terminal.h"
#include "sim/cli/training_text.h"
#include "sim/experiment/plan_runs.h"
#include "sim/experiment/precision_choice.h"
#include "sim/experiment/training_job.h"
#include "sim/scenario/read_scenario.h"
#include "sim/study/training_rehearsal.h"

namespace offcut::cli {
namespace {

/// The files of --out. A folder with the first of them holds an earlier comparison.
const std::vector<std::string> kPlanFiles = {"plans.csv", "plan.csv", "sensitivity.csv",
                                             "pareto.csv"};

/// Counts the steps of the work on a progress bar.
class StepBar {
 public:
  explicit StepBar(std::size_t steps) : steps_(steps) { bar_.show(0); }
  /// Names the step that may take a while.
  void begin_step(const std::string& name) {
    bar_.set_title("plan: " + name);
    bar_.show(static_cast<double>(done_) / static_cast<double>(steps_));
  }
  void finish_step() { bar_.show(static_cast<double>(++done_) / static_cast<double>(steps_)); }

 private:
  ProgressBar bar_{"plan"};
  std::size_t steps_;
  std::size_t done_ = 0;
};

/// Returns the refusal to run an algorithm that would take longer than the budget.
std::optional<partition::Declined> beyond_budget(const partition::Algorithm& algorithm,
                                                 const partition::Problem& problem,
                                                 const Parameters& parameters, Seconds budget) {
  const double seconds =
      algorithm.growth.seconds ? algorithm.growth.seconds(problem, parameters) : 0;
  if (!(seconds > budget.si())) {
    return std::nullopt;
  }
  return partition::Declined{fmt::format(
      "it would take about {} for {} (time: {}); --budget allows {}", to_readable(Seconds(seconds)),
      counted(problem.layer_count(), "layer"), algorithm.growth.text, to_readable(budget))};
}

/// Asks each algorithm that keeps the budget, and takes its time.
std::vector<SolvedPlan> solve_all(const ModelPlans& model, const scenario::Registries& registries,
                                  Seconds budget, StepBar& bar) {
  std::vector<SolvedPlan> plans;
  for (const auto& [name, algorithm] : registries.algorithms) {
    bar.begin_step(name);
    const double start = thread_seconds();
    const auto refusal =
        beyond_budget(algorithm, model.problem(),
                      &algorithm == model.choice->algorithm ? model.choice->parameters
                                                            : defaults(algorithm.parameters),
                      budget);
    partition::Outcome outcome =
        refusal
            ? partition::Outcome(*refusal)
            : std::move(experiment::plan_all(*model.prepared, *model.choice, {&algorithm}).front());
    plans.push_back({&algorithm, std::move(outcome), thread_seconds() - start});
    bar.finish_step();
  }
  return plans;
}

/// Returns the table of the plans, and what their algorithms have to say beside it.
std::string comparison_text(const ModelPlans& model) {
  std::string without_plan;
  std::string notes;
  std::string figures;  // Those of the model's own algorithm.
  for (const SolvedPlan& solved : model.plans) {
    const std::string& name = solved.algorithm->name;
    if (const std::string refusal = refusal_text(solved.outcome); !refusal.empty()) {
      without_plan += fmt::format("{} {}\n", name, refusal);
      continue;
    }
    const partition::Plan& plan = std::get<partition::Plan>(solved.outcome);
    notes += plan.note.empty() ? "" : fmt::format("{}: {}\n", name, plan.note);
    if (solved.algorithm == model.choice->algorithm) {
      for (const partition::PlanFigure& figure : plan.figures) {
        figures += fmt::format("{}: {} {}\n", name, figure.title(), figure.text());
      }
    }
  }
  if (const std::string unknown = unknown_power(model.problem());
      !unknown.empty() && model.problem().power.machine_known) {
    notes += fmt::format("energy: {}\n", unknown);
  }
  const Graph& graph = model.prepared->graph;
  const std::string remarks = fmt::format("{}{}{}{}{}", notes.empty() ? "" : "\n", notes, figures,
                                          without_plan.empty() ? "" : "\n", without_plan);
  return fmt::format("{}{}: {}; one request in an idle system\n\n{}{}",
                     model.model.empty() ? "" : model.model + ", ", graph.name(),
                     counted(graph.layer_count(), "layer"),
                     plan_table(model.problem(), model.plans), fitted(remarks));
}

/// Returns all models, or the one of that name.
std::vector<ModelPlans> chosen_models(const experiment::Experiment& experiment,
                                      const std::string& wanted) {
  std::vector<std::string> names;
  std::vector<ModelPlans> chosen;
  const bool has_several = experiment.models.size() > 1;
  for (const experiment::PreparedModel& model : experiment.models) {
    names.push_back(model.name);
    if (wanted.empty() || wanted == model.name || wanted == experiment.name_of(model)) {
      chosen.push_back({.model = has_several ? experiment.name_of(model) : std::string(),
                        .prepared = &model,
                        .choice = &experiment.choice_of(model).plan});
    }
  }
  if (chosen.empty()) {
    throw InputError({"--model"}, fmt::format("unknown model {}{}", in_quotes(wanted),
                                              suggestion(wanted, names)));
  }
  return chosen;
}

/// Adds the errors of each model's options. One that not all models share is prefixed by its model.
void add_diagnostics(const std::vector<ModelPlans>& models,
                     const std::vector<std::vector<Diagnostic>>& found,
                     std::vector<Diagnostic>& diagnostics) {
  for (std::size_t i = 0; i < models.size(); ++i) {
    for (Diagnostic diagnostic : found[i]) {
      const bool is_shared = std::all_of(
          found.begin(), found.end(), [&](const auto& list) { return is_among(diagnostic, list); });
      if (!is_shared) {
        diagnostic.message = fmt::format("{}: {}", models[i].model, diagnostic.message);
      }
      add_new({&diagnostic, 1}, diagnostics);
    }
  }
}

/// Reads --sensitivity and --pareto.
void read_studies(const PlanOptions& options, std::vector<ModelPlans>& models) {
  std::vector<std::vector<Diagnostic>> found;
  for (ModelPlans& model : models) {
    std::vector<Diagnostic>& own = found.emplace_back();
    if (!options.sensitivity.empty()) {
      model.sensitivity = parse_sensitivity(options.sensitivity, model.problem(), own);
    }
    if (!options.pareto.empty()) {
      model.pareto = parse_pareto(options.pareto, model.problem(), own);
    }
  }
  std::vector<Diagnostic> diagnostics;
  add_diagnostics(models, found, diagnostics);
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
}

/// Returns the answer; if it was declined, throws an error of the option that asked for it.
template <class T>
T answer_or_refuse(std::variant<T, partition::Declined> answer, const ModelPlans& model,
                   const std::string& option) {
  if (const auto* declined = std::get_if<partition::Declined>(&answer)) {
    throw InputError({option}, model.model.empty()
                                   ? declined->reason
                                   : fmt::format("{}: {}", model.model, declined->reason));
  }
  return std::get<T>(std::move(answer));
}

using FrontOf = std::function<partition::Front(const ModelPlans&, const partition::Solver&)>;

/// Returns the points of the model's front on all precisions from which the scenario lets choose.
partition::Front front_over_precisions(const scenario::Scenario& listed, const PlanOptions& options,
                                       const ModelPlans& model, const partition::Solver& solver,
                                       const scenario::Registries& registries) {
  partition::Front all{.points = {}, .is_whole = true};
  const auto add_front = [&](const std::string& text, const experiment::Experiment& experiment) {
    for (const experiment::PreparedModel& other : experiment.models) {
      if (other.choice != model.prepared->choice || other.group != model.prepared->group) {
        continue;
      }
      auto front = partition::pareto_front(other.problem, model.pareto->front_axes(), solver);
      if (auto* found = std::get_if<partition::Front>(&front)) {
        for (partition::FrontPoint& point : found->points) {
          point.variant = text;
        }
        all = partition::merged(all, *found);
      }
    }
  };
  experiment::each_precision(listed, options.scenario, options.changes.overrides(), registries,
                             nullptr, add_front);
  return all;
}

/// Fills in the studies, if there are any: two steps. `front_of` makes the front, if it is given.
void study(ModelPlans& model, const partition::Solver& solver, const FrontOf& front_of,
           StepBar& bar) {
  if (model.sensitivity) {
    model.stretches = answer_or_refuse(
        partition::sensitivity(model.problem(), model.sensitivity->variation, solver), model,
        "--sensitivity");
  }
  bar.finish_step();
  if (model.pareto && front_of) {
    model.front = front_of(model, solver);
  } else if (model.pareto) {
    model.front = answer_or_refuse(
        partition::pareto_front(model.problem(), model.pareto->front_axes(), solver), model,
        "--pareto");
  }
  bar.finish_step();
}

/// Explains the best plan. The next best one takes a solution for each layer, so it stays unknown
/// if these would take longer than the budget.
std::string explanation(const ModelPlans& model, const partition::Solver& solver, Seconds budget) {
  const partition::Problem& problem = model.problem();
  const double start = thread_seconds();
  partition::Optimum best = solver(problem);
  const Seconds of_all((thread_seconds() - start) * static_cast<double>(problem.layer_count()));
  if (auto* declined = std::get_if<partition::Declined>(&best)) {
    declined->reason.insert(0, "the best plan is unknown: ");
  }
  const partition::Solver refusing = [&](const partition::Problem&) {
    return partition::Declined{
        fmt::format("it would take about {} for {}; --budget allows {}", to_readable(of_all),
                    counted(problem.layer_count(), "layer"), to_readable(budget))};
  };
  return explain_plan(problem, answer_or_refuse(best, model, "--explain"),
                      of_all > budget ? refusing : solver);
}

std::string text_of(const ModelPlans& model) {
  const partition::Problem& problem = model.problem();
  std::string text = comparison_text(model);
  if (!model.explanation.empty()) {
    text += fmt::format("\n{}", model.explanation);
  }
  if (model.sensitivity) {
    text += fmt::format("\n{}", sensitivity_text(problem, *model.sensitivity, model.stretches));
  }
  if (model.pareto) {
    text += fmt::format("\n{}", front_text(problem, *model.pareto, model.front));
  }
  return text;
}

/// Returns the plan of the algorithm that the scenario chooses.
const partition::Plan& own_plan(const ModelPlans& model) {
  const scenario::PlanChoice& choice = *model.choice;
  const auto own =
      std::find_if(model.plans.begin(), model.plans.end(),
                   [&](const SolvedPlan& solved) { return solved.algorithm == choice.algorithm; });
  if (!std::holds_alternative<partition::Plan>(own->outcome)) {
    throw InputError({choice.refusal(own->outcome)});
  }
  return std::get<partition::Plan>(own->outcome);
}

/// The text of a file.
struct Drawing {
  std::string path;
  std::string text;
};

/// Returns the name of a model, which may say on which devices, without blanks.
std::string file_part(std::string name) {
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

/// Returns one for each model. Those of several stand beside each other: plan.dot becomes
/// plan-detector.dot.
std::vector<Drawing> drawings_of(const std::vector<ModelPlans>& models, const std::string& path) {
  if (models.size() > 1 && std::filesystem::exists(path) &&
      !std::filesystem::is_regular_file(path)) {
    throw InputError({path}, "each model is drawn into a file of its own, expected a file's name");
  }
  std::vector<Drawing> drawings;
  for (const ModelPlans& model : models) {
    drawings.push_back({path, partition::draw_plan(model.problem(), own_plan(model).tier_of)});
    if (models.size() > 1) {
      const std::filesystem::path file(path);
      drawings.back().path =
          file.parent_path() / fmt::format("{}-{}{}", file.stem().string(), file_part(model.model),
                                           file.extension().string());
    }
  }
  return drawings;
}

/// Writes all drawings from `first` on, or none.
void write_drawings(const std::vector<Drawing>& drawings, std::size_t first = 0) {
  if (first == drawings.size()) {
    return;
  }
  write_beside(drawings[first].path, [&](const std::string& beside) {
    std::ofstream file(beside, std::ios::binary);
    file << drawings[first].text;
    if (!file.flush()) {
      throw InputError({beside}, "cannot be written");
    }
    write_drawings(drawings, first + 1);
  });
}

/// Throws InputError if the folder has the results of a run, whose plan.csv would be replaced.
void refuse_results_of_run(const std::string& folder) {
  std::error_code error;  // A folder that can't be read has none.
  if (!folder.empty() &&
      std::filesystem::exists(std::filesystem::path(folder) / analysis::kResolvedFile, error)) {
    throw InputError({"--out"}, fmt::format("{} holds the results of a run, with a plan.csv of "
                                            "their own; name another folder",
                                            in_quotes(folder)));
  }
}

/// Writes all files or none. Returns those in the folder of --out.
std::vector<std::string> write_files(const PlanOptions& options,
                                     const std::vector<ModelPlans>& models,
                                     const std::vector<partition::Plan>& chosen,
                                     const std::vector<std::string>& inputs) {
  std::vector<Drawing> drawings;
  if (!options.dot.empty()) {
    drawings = drawings_of(models, options.dot);
    for (const Drawing& drawing : drawings) {
      refuse_overwriting("--dot", {drawing.path}, inputs);
    }
  }
  if (options.out.empty()) {
    write_drawings(drawings);
    return {};
  }
  set_kept_unchanged(options.out);
  OutputDirectory out(options.out, kPlanFiles, kPlanFiles.front());
  write_into(out, [&] {
    write_plan_tables(models, chosen, [&](const std::string& file, const auto& write) {
      write(out.file(file));
    });
  });
  write_drawings(drawings);
  return out.commit();
}

/// Throws InputError for an option that is about requests.
void refuse_request_options(const PlanOptions& options) {
  const std::pair<const char*, bool> given[] = {{"--explain", options.explain},
                                                {"--sensitivity", !options.sensitivity.empty()},
                                                {"--pareto", !options.pareto.empty()},
                                                {"--dot", !options.dot.empty()},
                                                {"--out", !options.out.empty()}};
  for (const auto& [option, is_given] : given) {
    if (is_given) {
      throw InputError({option}, "the scenario only trains: there are no requests to plan");
    }
  }
}

/// Returns the prediction of a round of training, after what is trained.
std::string round_text(const experiment::Experiment& experiment) {
  return fmt::format("{}\n{}", fitted(training_heading(experiment)),
                     forecast_text(experiment, study::forecast_training(experiment)));
}

/// Solves, studies and explains the models, with a progress bar.
void solve_and_explain(std::vector<ModelPlans>& models, bool explain, Seconds budget,
                       const scenario::Registries& registries, const FrontOf& front_of) {
  const partition::Solver solver = [&](const partition::Problem& problem) {
    return partition::optimum(registries.algorithms, problem);
  };
  constexpr std::size_t kFurtherSteps = 3;  // Two of study(), and the explanation.
  StepBar bar(models.size() * (registries.algorithms.names().size() + kFurtherSteps));
  for (ModelPlans& model : models) {
    study(model, solver, front_of, bar);
    model.plans = solve_all(model, registries, budget, bar);
    model.explanation = explain ? explanation(model, solver, budget) : "";
    bar.finish_step();
  }
}

/// The results of `offcut plan` for requests.
struct Planned {
  const experiment::Experiment& experiment;
  std::vector<ModelPlans> models;
  std::optional<study::LoadChoice> choice = {};  // Under load.
  std::vector<std::string> files = {};           // Those in the folder of --out.

  std::vector<partition::Plan> chosen() const {
    return choice ? choice->chosen.plans : std::vector<partition::Plan>();
  }
};

void print_text(const Planned& planned, bool explain) {
  const experiment::Experiment& experiment = planned.experiment;
  std::string text;
  if (!experiment.precisions.empty()) {
    text = fmt::format("precisions: {}\n\n", experiment.precisions);
  }
  for (const ModelPlans& model : planned.models) {
    text += (&model == &planned.models.front() ? "" : "\n") + text_of(model);
  }
  if (planned.choice) {
    text += fmt::format("\n{}", load_choice_text(experiment, *planned.choice, explain));
  }
  if (experiment.training) {
    text += "\n" + round_text(experiment);
  }
  if (!planned.files.empty()) {
    text += fmt::format("\nwritten: {}\n", fmt::join(planned.files, ", "));
  }
  say("{}", text);
}

void print_document(const Planned& planned, const std::string& scenario) {
  const experiment::Experiment& experiment = planned.experiment;
  Json& document = json_content();
  document["scenario"] = scenario_json(scenario, experiment);
  document["models"] = models_json(experiment);
  document["precisions"] = experiment.precisions;
  add_plan_tables(document, planned.models, planned.chosen());
  document["notes"] = plan_notes_json(planned.models);
  if (planned.choice) {
    document["under_load"] = load_choice_json(experiment, *planned.choice);
  }
  if (experiment.training) {
    document["training"] = forecast_json(experiment, study::forecast_training(experiment));
  }
  document["files"] = planned.files;
  print_json();
}

}  // namespace

int plan(const PlanOptions& options, const scenario::Registries& registries) {
  const Seconds budget = budget_of(options.budget);
  const std::vector<scenario::Override> overrides = options.changes.overrides();
  const std::vector<std::string> inputs = scenario_inputs(options.scenario, overrides);
  refuse_overwriting("--dot", {options.dot}, inputs);
  if (!options.out.empty()) {
    refuse_overwriting_in("--out", options.out, kPlanFiles, inputs);
    refuse_results_of_run(options.out);
  }
  experiment::Experiment experiment =
      experiment::read_experiment(options.scenario, overrides, registries);
  if (!experiment.scenario.has_requests) {
    refuse_request_options(options);
    if (is_json()) {
      print_document({experiment, {}}, options.scenario);
    } else {
      say("{}", round_text(experiment));
    }
    return 0;
  }
  Planned planned{experiment, chosen_models(experiment, options.model)};
  read_studies(options, planned.models);
  FrontOf front_of;
  if (!experiment.precisions.empty()) {
    front_of = [&](const ModelPlans& model, const partition::Solver& solver) {
      return front_over_precisions(scenario::read_scenario(options.scenario, overrides, registries),
                                   options, model, solver, registries);
    };
  }
  solve_and_explain(planned.models, options.explain, budget, registries, front_of);
  const Interruption interruption;
  if (experiment.scenario.under_load && planned.models.size() == experiment.models.size()) {
    planned.choice = choose_shown(experiment, registries, budget, interruption);
  }
  planned.files = write_files(options, planned.models, planned.chosen(), inputs);
  if (!options.out.empty() || !options.dot.empty()) {
    set_kept("the files are complete");
  }
  if (is_json()) {
    print_document(planned, options.scenario);
  } else {
    print_text(planned, options.explain);
  }
  return 0;
}

}  // namespace offcut::cli
