#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "models/base/cpu_time.h"
#include "models/base/output_directory.h"
#include "partition/drawing.h"
#include "partition/plan_file.h"
#include "sim/cli/commands.h"
#include "sim/cli/plan_explanation.h"
#include "sim/cli/plan_files.h"
#include "sim/cli/plan_table.h"
#include "sim/cli/written_model.h"
#include "sim/experiment/plan_runs.h"

namespace offcut::cli {
namespace {

/// All algorithms, each with its time.
std::vector<SolvedPlan> solve_all(const ModelPlans& model, const scenario::Registries& registries) {
  std::vector<SolvedPlan> plans;
  for (const auto& [name, algorithm] : registries.algorithms) {
    const double start = thread_seconds();
    partition::Outcome outcome =
        std::move(experiment::plan_all(*model.prepared, *model.choice, {&algorithm}).front());
    plans.push_back({&algorithm, std::move(outcome), thread_seconds() - start});
  }
  return plans;
}

std::string side_by_side(const ModelPlans& model) {
  std::string without_plan;
  std::string notes;
  std::string figures;  // of the model's own algorithm
  for (const SolvedPlan& solved : model.plans) {
    const std::string& name = solved.algorithm->name;
    if (const auto* refusal = std::get_if<partition::Declined>(&solved.outcome)) {
      without_plan += fmt::format("{} declines: {}\n", name, refusal->reason);
      continue;
    }
    if (const auto* failed = std::get_if<partition::Failed>(&solved.outcome)) {
      without_plan += fmt::format("{} failed: {}\n", name, failed->reason);
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
  const Graph& graph = model.prepared->graph;
  return fmt::format("{}{}: {} layers; one request in an idle system\n\n{}{}{}{}{}{}",
                     model.model.empty() ? "" : model.model + ", ", graph.name(),
                     graph.layer_count(), plan_table(model.problem(), model.plans),
                     notes.empty() ? "" : "\n", notes, figures, without_plan.empty() ? "" : "\n",
                     without_plan);
}

/// The models that are asked for: all, or the one of that name.
std::vector<ModelPlans> chosen_models(const experiment::Experiment& experiment,
                                      const std::string& wanted) {
  std::vector<std::string> names;
  std::vector<ModelPlans> chosen;
  const bool several = experiment.models.size() > 1;
  for (const experiment::PreparedModel& model : experiment.models) {
    names.push_back(model.name);
    if (wanted.empty() || wanted == model.name) {
      chosen.push_back({.model = several ? model.name : std::string(),
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

/// Adds what the options say that is wrong for each of the models, or, with its name, for some.
void add_diagnostics(const std::vector<ModelPlans>& models,
                     const std::vector<std::vector<Diagnostic>>& of_model,
                     std::vector<Diagnostic>& diagnostics) {
  for (std::size_t i = 0; i < models.size(); ++i) {
    for (Diagnostic diagnostic : of_model[i]) {
      const bool of_all = std::all_of(of_model.begin(), of_model.end(),
                                      [&](const auto& list) { return is_among(diagnostic, list); });
      if (!of_all) {
        diagnostic.message = fmt::format("{}: {}", models[i].model, diagnostic.message);
      }
      add_new({&diagnostic, 1}, diagnostics);
    }
  }
}

/// Reads what --sensitivity and --pareto ask for.
void read_studies(const PlanOptions& options, std::vector<ModelPlans>& models) {
  std::vector<std::vector<Diagnostic>> of_model;
  for (ModelPlans& model : models) {
    std::vector<Diagnostic>& own = of_model.emplace_back();
    if (!options.sensitivity.empty()) {
      model.sensitivity = parse_sensitivity(options.sensitivity, model.problem(), own);
    }
    if (!options.pareto.empty()) {
      model.pareto = parse_pareto(options.pareto, model.problem(), own);
    }
  }
  std::vector<Diagnostic> diagnostics;
  add_diagnostics(models, of_model, diagnostics);
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
}

/// The answer, or an error of the option that asked for it.
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

void study(ModelPlans& model, const partition::Solver& solver) {
  if (model.sensitivity) {
    model.stretches = answer_or_refuse(
        partition::sensitivity(model.problem(), model.sensitivity->variation, solver), model,
        "--sensitivity");
  }
  if (model.pareto) {
    model.front = answer_or_refuse(
        partition::pareto_front(model.problem(), model.pareto->front_axes(), solver), model,
        "--pareto");
  }
}

std::string text_of(const ModelPlans& model, bool explain, const partition::Solver& solver) {
  const partition::Problem& problem = model.problem();
  std::string text = side_by_side(model);
  if (explain) {
    partition::Optimum best = solver(problem);
    if (auto* declined = std::get_if<partition::Declined>(&best)) {
      declined->reason.insert(0, "the best plan is not known: ");
    }
    text += fmt::format("\n{}",
                        explain_plan(problem, answer_or_refuse(best, model, "--explain"), solver));
  }
  if (model.sensitivity) {
    text += fmt::format("\n{}", sensitivity_text(problem, *model.sensitivity, model.stretches));
  }
  if (model.pareto) {
    text += fmt::format("\n{}", front_text(problem, *model.pareto, model.front));
  }
  return text;
}

/// The plan that the scenario chooses.
const partition::Plan& own_plan(const ModelPlans& model) {
  const scenario::PlanChoice& choice = *model.choice;
  const auto own =
      std::find_if(model.plans.begin(), model.plans.end(),
                   [&](const SolvedPlan& solved) { return solved.algorithm == choice.algorithm; });
  const auto refuse = [&](const char* verb, const std::string& reason) {
    throw InputError(choice.algorithm_place,
                     fmt::format("{}.algorithm: '{}' {}: {}", choice.section, own->algorithm->name,
                                 verb, reason));
  };
  if (const auto* declined = std::get_if<partition::Declined>(&own->outcome)) {
    refuse("declines", declined->reason);
  }
  if (const auto* failed = std::get_if<partition::Failed>(&own->outcome)) {
    refuse("failed", failed->reason);
  }
  return std::get<partition::Plan>(own->outcome);
}

/// A text and the file for it.
struct Drawing {
  std::string path;
  std::string text;
};

/// One for each model; of several, beside each other: plan.dot becomes plan-detector.dot.
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
          file.parent_path() /
          fmt::format("{}-{}{}", file.stem().string(), model.model, file.extension().string());
    }
  }
  return drawings;
}

/// All from that one on, or none.
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

void write_tables(const std::vector<ModelPlans>& models, const OutputDirectory& out) {
  write_plans(models, out.file("plans.csv"));
  std::vector<partition::NamedPlan> plans;
  for (const ModelPlans& model : models) {
    for (const SolvedPlan& solved : model.plans) {
      if (const auto* plan = std::get_if<partition::Plan>(&solved.outcome)) {
        plans.push_back({solved.algorithm->name, model.prepared->name, &model.prepared->graph,
                         &model.problem(), plan});
      }
    }
  }
  partition::write_plan_file(plans, out.file("plan.csv"));
  if (models.front().sensitivity) {
    write_sensitivity(models, out.file("sensitivity.csv"));
  }
  if (models.front().pareto) {
    write_pareto(models, out.file("pareto.csv"));
  }
}

/// All files or none. Returns what to say of them.
std::string write_files(const PlanOptions& options, const std::vector<ModelPlans>& models) {
  std::vector<Drawing> drawings;
  if (!options.dot.empty()) {
    drawings = drawings_of(models, options.dot);
  }
  std::optional<OutputDirectory> out;
  if (!options.out.empty()) {
    out.emplace(options.out,
                std::vector<std::string>{"plans.csv", "plan.csv", "sensitivity.csv", "pareto.csv"});
    write_tables(models, *out);
  }
  write_drawings(drawings);
  return out ? fmt::format("\nwritten: {}\n", fmt::join(out->commit(), ", ")) : "";
}

/// "22 layers", or of several models "detector: 32, recogniser: 605 layers".
std::string layers_text(const experiment::Experiment& experiment) {
  std::vector<std::string> counts;
  for (const experiment::PreparedModel& model : experiment.models) {
    const std::size_t layers = model.graph.layer_count();
    counts.push_back(experiment.models.size() == 1 ? fmt::format("{}", layers)
                                                   : fmt::format("{}: {}", model.name, layers));
  }
  return fmt::format("{} layers", fmt::join(counts, ", "));
}

}  // namespace

int plan(const PlanOptions& options, const scenario::Registries& registries) {
  const experiment::Experiment experiment =
      experiment::read_experiment(options.scenario, options.changes.overrides(), registries);
  std::vector<ModelPlans> models = chosen_models(experiment, options.model);
  read_studies(options, models);
  const partition::Solver solver = [&](const partition::Problem& one) {
    return partition::optimum(registries.algorithms, one);
  };
  std::string text;
  for (ModelPlans& model : models) {
    study(model, solver);
    model.plans = solve_all(model, registries);
    text += fmt::format("{}{}", text.empty() ? "" : "\n", text_of(model, options.explain, solver));
  }
  text += write_files(options, models);
  fmt::print("{}", text);
  return 0;
}

int validate(const std::vector<std::string>& scenarios, const ScenarioChanges& changes,
             const scenario::Registries& registries) {
  const std::vector<scenario::Override> overrides = changes.overrides();
  std::vector<Diagnostic> diagnostics;
  for (const std::string& path : scenarios) {
    try {
      const experiment::Experiment experiment =
          experiment::read_experiment(path, overrides, registries);
      experiment::plan_runs(experiment);
      fmt::print("{}: fine ({} on {} tiers)\n", path, layers_text(experiment),
                 experiment.scenario.tiers.size());
    } catch (const InputError& error) {
      diagnostics.insert(diagnostics.end(), error.diagnostics().begin(), error.diagnostics().end());
    }
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  return 0;
}

}  // namespace offcut::cli
