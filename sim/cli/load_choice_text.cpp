// The text of plans and policies that were chosen together under load.

#include "sim/cli/load_choice_text.h"

#include <fmt/format.h>

#include "models/base/readable.h"
#include "sim/cli/plan_text.h"
#include "sim/cli/progress_bar.h"
#include "sim/cli/terminal.h"
#include "sim/cli/text_table.h"
#include "sim/scenario/policy_text.h"

namespace offcut::cli {
namespace {

std::string alternation_text(const study::Alternation& alternation) {
  const std::string rounds = counted(alternation.rounds, "round");
  return alternation.cycle == 0
             ? fmt::format("cuts and policies reached a fixed point after {}", rounds)
             : fmt::format(
                   "cuts and policies settled after {}, where exact cuts at the prices of "
                   "each other's load go round in a cycle of {}",
                   rounds, alternation.cycle);
}

std::string step_table(const study::LoadChoice& choice, bool is_p95) {
  const std::string figure = is_p95 ? "p95" : "mean";
  TextTable table({"step", fmt::format(">predicted {}", figure), ">simulated mean",
                   ">simulated p95", ">missed"});
  for (const study::ChoiceStep& step : choice.steps) {
    table.add({step.name, to_readable(is_p95 ? step.predicted.p95 : step.predicted.mean),
               to_readable(step.simulated.mean), to_readable(step.simulated.p95),
               percent(step.simulated.missed, 2)});
  }
  return table.text();
}

}  // namespace

study::LoadChoice choose_shown(experiment::Experiment& experiment,
                               const scenario::Registries& registries, Seconds budget,
                               const Interruption& interruption) {
  ProgressBar bar("plan under load");
  bar.show(0);
  return study::choose_under_load(experiment, registries,
                                  {.budget = budget, .progress = [&](double done) {
                                     interruption.check();
                                     bar.show(done);
                                   }});
}

std::string load_choice_text(const experiment::Experiment& experiment,
                             const study::LoadChoice& choice, bool explain) {
  const scenario::Scenario& scenario = experiment.scenario;
  const bool is_p95 = scenario.under_load->minimises_p95;
  std::string text = fitted(fmt::format(
      "planned under load for the least {} delay: {}; {}, and {} of {} each{}\n",
      is_p95 ? "p95" : "mean", alternation_text(choice.alternation),
      counted(choice.predictions, "prediction"), counted(choice.simulations, "simulation"),
      counted(static_cast<std::size_t>(choice.simulated.requests), "request"),
      choice.is_out_of_budget ? "; the budget was used up" : ""));
  for (std::size_t i = 0; i < choice.chosen.plans.size(); ++i) {
    const experiment::PreparedModel& model = experiment.models[i];
    text += fitted(fmt::format("{}: {}\n", experiment.name_of(model),
                               placement(model.problem, choice.chosen.plans[i])));
  }
  for (std::size_t tier = 0; tier < scenario.tiers.size(); ++tier) {
    const std::string policies = scenario::policies_text(choice.chosen.scheduling[tier]);
    text += fitted(fmt::format("{}: {}\n", scenario.tiers[tier].name,
                               policies.empty() ? "queue fifo" : policies));
  }
  return explain ? fmt::format("{}\n{}", text, step_table(choice, is_p95)) : text;
}

}  // namespace offcut::cli
