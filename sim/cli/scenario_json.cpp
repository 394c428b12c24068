#include "sim/cli/scenario_json.h"

#include "sim/cli/plan_text.h"
#include "sim/experiment/training_job.h"
#include "sim/scenario/policy_text.h"

namespace offcut::cli {

Json scenario_json(const std::string& file, const experiment::Experiment& experiment) {
  return {{"file", file},
          {"name", experiment.scenario.name},
          {"title", experiment.scenario.title}};
}

Json models_json(const experiment::Experiment& experiment) {
  Json models = Json::array();
  if (!experiment.scenario.has_requests) {
    return models;  // A network that is trained is no model for them.
  }
  for (const experiment::PreparedModel& model : experiment.models) {
    const LayerWork work = model.graph.total_work();
    models.push_back({{"model", experiment.name_of(model)},
                      {"network", model.graph.name()},
                      {"layers", model.graph.layer_count()},
                      {"macs", work.macs},
                      {"parameter_bytes", work.parameter_bytes},
                      {"tiers", model.problem.tiers}});
  }
  return models;
}

Json load_choice_json(const experiment::Experiment& experiment, const study::LoadChoice& choice) {
  const scenario::Scenario& scenario = experiment.scenario;
  Json cuts = Json::array();
  for (std::size_t i = 0; i < choice.chosen.plans.size(); ++i) {
    const experiment::PreparedModel& model = experiment.models[i];
    cuts.push_back({{"model", experiment.name_of(model)},
                    {"cut", placement(model.problem, choice.chosen.plans[i])}});
  }
  Json policies = Json::array();
  for (std::size_t tier = 0; tier < scenario.tiers.size(); ++tier) {
    policies.push_back({{"tier", scenario.tiers[tier].name},
                        {"policies", scenario::policies_text(choice.chosen.scheduling[tier])}});
  }
  Json steps = Json::array();
  for (const study::ChoiceStep& step : choice.steps) {
    steps.push_back({{"step", step.name},
                     {"predicted_mean_s", step.predicted.mean.si()},
                     {"predicted_p95_s", step.predicted.p95.si()},
                     {"simulated_mean_s", step.simulated.mean.si()},
                     {"simulated_p95_s", step.simulated.p95.si()},
                     {"simulated_missed", step.simulated.missed}});
  }
  return {{"goal", scenario.under_load->minimises_p95 ? "p95" : "mean"},
          {"cuts", cuts},
          {"policies", policies},
          {"steps", steps},
          {"rounds", choice.alternation.rounds},
          {"cycle", choice.alternation.cycle},
          {"predictions", choice.predictions},
          {"simulations", choice.simulations},
          {"is_out_of_budget", choice.is_out_of_budget}};
}

Json forecast_json(const experiment::Experiment& experiment,
                   const study::TrainingForecast& forecast) {
  const training::RoundForecast& mean = forecast.mean;
  return {{"method", experiment.scenario.training->method()},
          {"rounds", experiment.scenario.training->settings.rounds},
          {"round_s", mean.round.si()},
          {"compute_s", mean.compute.si()},
          {"communication_s", mean.communication.si()},
          {"waiting_s", mean.waiting.si()},
          {"bytes_up", mean.bytes_up.si()},
          {"bytes_down", mean.bytes_down.si()},
          {"loading_s", mean.loading.si()},
          {"all_s", forecast.all.si()},
          {"rehearsed_rounds", forecast.rehearsed},
          {"note", mean.note},
          {"notes", experiment.training->notes()}};
}

}  // namespace offcut::cli
