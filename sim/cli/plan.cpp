#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>

#include "analysis/report.h"
#include "analysis/run.h"
#include "models/base/cpu_time.h"
#include "partition/drawing.h"
#include "sim/cli/commands.h"
#include "sim/cli/plan_explanation.h"
#include "sim/cli/plan_files.h"
#include "sim/cli/plan_table.h"
#include "sim/cli/written_model.h"

namespace offcut::cli {
namespace {

/// All algorithms, each with its time.
std::vector<SolvedPlan> solve_all(const Experiment& experiment, const Registries& registries) {
  std::vector<SolvedPlan> plans;
  for (const auto& [name, algorithm] : registries.algorithms) {
    const double start = thread_seconds();
    Outcome outcome = std::move(plan_all(experiment, {&algorithm}).front());
    plans.push_back({&algorithm, std::move(outcome), thread_seconds() - start});
  }
  return plans;
}

std::string side_by_side(const Experiment& experiment, const std::vector<SolvedPlan>& plans) {
  std::string declined;
  std::string notes;
  std::string figures;  // of the scenario's own algorithm
  for (const SolvedPlan& solved : plans) {
    const std::string& name = solved.algorithm->name;
    if (const auto* refusal = std::get_if<Declined>(&solved.outcome)) {
      declined += fmt::format("{} declines: {}\n", name, refusal->reason);
      continue;
    }
    const Plan& plan = std::get<Plan>(solved.outcome);
    notes += plan.note.empty() ? "" : fmt::format("{}: {}\n", name, plan.note);
    if (solved.algorithm == experiment.scenario.algorithm) {
      for (const PlanFigure& figure : plan.figures) {
        figures += fmt::format("{}: {} {}\n", name, figure.what, figure.value);
      }
    }
  }
  return fmt::format("{}: {} layers; one request in an idle system\n\n{}{}{}{}{}{}",
                     experiment.graph.name(), experiment.graph.layer_count(),
                     plan_table(experiment.problem, plans), notes.empty() ? "" : "\n", notes,
                     figures, declined.empty() ? "" : "\n", declined);
}

/// What the options ask for beside the table.
struct Studies {
  std::optional<SensitivityStudy> sensitivity;
  std::vector<Stretch> stretches;
  std::optional<ParetoStudy> pareto;
  Front front;
};

/// The answer, or a mistake of the option that asked for it.
template <class T>
T answer_or_refuse(std::variant<T, Declined> answer, const std::string& option) {
  if (const auto* declined = std::get_if<Declined>(&answer)) {
    throw InputError({option}, declined->reason);
  }
  return std::get<T>(std::move(answer));
}

Studies study(const PlanOptions& options, const Problem& problem, const Solver& solver) {
  Studies studies;
  std::vector<Mistake> mistakes;
  if (!options.sensitivity.empty()) {
    studies.sensitivity = parse_sensitivity(options.sensitivity, problem, mistakes);
  }
  if (!options.pareto.empty()) {
    studies.pareto = parse_pareto(options.pareto, problem, mistakes);
  }
  if (!mistakes.empty()) {
    throw InputError(std::move(mistakes));
  }
  if (studies.sensitivity) {
    studies.stretches = answer_or_refuse(
        sensitivity(problem, studies.sensitivity->variation, solver), "--sensitivity");
  }
  if (studies.pareto) {
    studies.front =
        answer_or_refuse(pareto_front(problem, studies.pareto->axes, solver), "--pareto");
  }
  return studies;
}

/// The scenario's own plan.
const Plan& own_plan(const Experiment& experiment, const std::vector<SolvedPlan>& plans) {
  const auto own = std::find_if(plans.begin(), plans.end(), [&](const SolvedPlan& solved) {
    return solved.algorithm == experiment.scenario.algorithm;
  });
  if (const auto* declined = std::get_if<Declined>(&own->outcome)) {
    throw InputError(
        experiment.scenario.algorithm_place,
        fmt::format("plan.algorithm: '{}' declines: {}", own->algorithm->name, declined->reason));
  }
  return std::get<Plan>(own->outcome);
}

void write_text(const std::string& text, const std::string& path) {
  write_beside(path, [&](const std::string& beside) {
    std::ofstream file(beside, std::ios::binary);
    file << text;
    if (!file.flush()) {
      throw InputError({beside}, "cannot be written");
    }
  });
}

void write_tables(const Experiment& experiment, const std::vector<SolvedPlan>& plans,
                  const Studies& studies, const OutputDirectory& out) {
  const Problem& problem = experiment.problem;
  write_plans(problem, plans, out.file("plans.csv"));
  std::vector<RunSummary> runs;
  for (const SolvedPlan& solved : plans) {
    if (const auto* plan = std::get_if<Plan>(&solved.outcome)) {
      runs.push_back({.algorithm = solved.algorithm->name, .plan = *plan});
    }
  }
  write_layers(experiment, runs, out.file("plan.csv"));
  if (studies.sensitivity) {
    write_sensitivity(problem, *studies.sensitivity, studies.stretches,
                      out.file("sensitivity.csv"));
  }
  if (studies.pareto) {
    write_pareto(problem, *studies.pareto, studies.front, out.file("pareto.csv"));
  }
}

/// All files or none. Returns what to say of them.
std::string write_files(const PlanOptions& options, const Experiment& experiment,
                        const std::vector<SolvedPlan>& plans, const Studies& studies) {
  const std::string drawing =
      options.dot.empty() ? "" : draw_plan(experiment.problem, own_plan(experiment, plans).tier_of);
  std::optional<OutputDirectory> out;
  if (!options.out.empty()) {
    out.emplace(options.out,
                std::vector<std::string>{"plans.csv", "plan.csv", "sensitivity.csv", "pareto.csv"});
    write_tables(experiment, plans, studies, *out);
  }
  if (!options.dot.empty()) {
    write_text(drawing, options.dot);
  }
  return out ? fmt::format("\nwritten: {}\n", fmt::join(out->commit(), ", ")) : "";
}

}  // namespace

int plan(const PlanOptions& options, const Registries& registries) {
  const Experiment experiment =
      read_experiment(options.scenario, options.changes.overrides(), registries);
  const Problem& problem = experiment.problem;
  const Solver solver = [&](const Problem& one) { return optimum(registries.algorithms, one); };
  const Studies studies = study(options, problem, solver);
  const std::vector<SolvedPlan> plans = solve_all(experiment, registries);
  std::string text = side_by_side(experiment, plans);
  for (const Experiment& other : experiment.others) {
    text += fmt::format("\n{}", side_by_side(other, solve_all(other, registries)));
  }
  if (options.explain) {
    text += fmt::format("\n{}", explain_plan(problem, solver));
  }
  if (studies.sensitivity) {
    text += fmt::format("\n{}", sensitivity_text(problem, *studies.sensitivity, studies.stretches));
  }
  if (studies.pareto) {
    text += fmt::format("\n{}", front_text(problem, *studies.pareto, studies.front));
  }
  text += write_files(options, experiment, plans, studies);
  fmt::print("{}", text);
  return 0;
}

int validate(const std::vector<std::string>& scenarios, const ScenarioChanges& changes,
             const Registries& registries) {
  const std::vector<Override> overrides = changes.overrides();
  std::vector<Mistake> mistakes;
  for (const std::string& path : scenarios) {
    try {
      const Experiment experiment = read_experiment(path, overrides, registries);
      plan_runs(experiment);
      fmt::print("{}: fine ({} layers on {} tiers)\n", path, experiment.graph.layer_count(),
                 experiment.problem.tier_count());
    } catch (const InputError& error) {
      mistakes.insert(mistakes.end(), error.mistakes().begin(), error.mistakes().end());
    }
  }
  if (!mistakes.empty()) {
    throw InputError(std::move(mistakes));
  }
  return 0;
}

}  // namespace offcut::cli
