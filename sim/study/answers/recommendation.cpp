// Joins the two stages of a recommendation: the forecasts of all configurations, and the race of
// the most promising ones.

#include "sim/study/answers/recommendation.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/study/answers/plan_options.h"
#include "sim/study/answers/policy_options.h"

namespace offcut::study {
namespace {

/// Lists the configurations of all valid points. Configurations with the same values and plan are a
/// group.
void list_configurations(Predicted& predicted) {
  std::size_t group = 0;
  for (std::size_t point = 0; point < predicted.points.size(); ++point) {
    const PointForecasts& found = predicted.points[point];
    for (std::size_t plan = 0; plan < found.plans.size(); ++plan, ++group) {
      for (std::size_t policies = 0; policies < found.policies.size(); ++policies) {
        predicted.configurations.push_back({point, plan, policies});
        predicted.entries.push_back(
            {found.forecasts[plan * found.policies.size() + policies], group});
      }
    }
  }
}

std::vector<std::string> paths_of_choices(const RecommendQuestion& question,
                                          const Predicted& predicted,
                                          const scenario::Registries& registries) {
  const ForecastQuestion& asked = question.forecast;
  const scenario::Scenario scenario = scenario::read_scenario(
      asked.sweep.base, asked.sweep.settings_of(predicted.configurations.front().point, 0),
      registries);
  std::vector<std::string> paths;
  if (asked.plans) {
    paths = plan_paths(scenario);
  }
  if (asked.policies) {
    for (std::string& path : policy_paths(scenario)) {
      paths.push_back(std::move(path));
    }
  }
  return paths;
}

/// Returns the values of `paths` in a configuration.
std::vector<std::string> values_of_choices(const Predicted& predicted, std::size_t configuration) {
  std::vector<std::string> values = predicted.plan_of(configuration).values;
  const std::vector<std::string>& policies = predicted.policies_of(configuration).values;
  values.insert(values.end(), policies.begin(), policies.end());
  return values;
}

bool is_valid(const Sweep& sweep, const scenario::Registries& registries) {
  try {
    scenario::read_scenario(sweep.base, sweep.settings_of(0, 0), registries);
    return true;
  } catch (const InputError&) {
    return false;
  }
}

}  // namespace

Predicted predict_configurations(const RecommendQuestion& question,
                                 const scenario::Registries& registries, std::size_t parallel,
                                 const engine::ProgressSink& progress) {
  Predicted predicted;
  predicted.points = forecast_points(question.forecast, registries, parallel, progress);
  list_configurations(predicted);
  predicted.paths = paths_of_choices(question, predicted, registries);
  predicted.ranking =
      rank_forecasts(predicted.entries, question.forecast.conditions, question.less_is_better);
  predicted.field =
      race_field(predicted.ranking, predicted.entries, question.less_is_better, question.rounds);
  return predicted;
}

std::vector<scenario::Override> settings_of(const RecommendQuestion& question,
                                            const Predicted& predicted, std::size_t configuration) {
  const Sweep& sweep = question.forecast.sweep;
  std::vector<scenario::Override> settings =
      sweep.settings_of(predicted.configurations[configuration].point, 0);
  const std::vector<std::string> values = values_of_choices(predicted, configuration);
  for (std::size_t i = 0; i < predicted.paths.size(); ++i) {
    settings.push_back({.path = predicted.paths[i], .value = values[i], .stated = Place{"--over"}});
  }
  return settings;
}

Sweep sweep_of_entrants(const RecommendQuestion& question, const Predicted& predicted,
                        const scenario::Registries& registries) {
  const Sweep& asked = question.forecast.sweep;
  Axis axis{.paths = asked.parameters(), .steps = {}, .place = {"--over"}};
  axis.paths.insert(axis.paths.end(), predicted.paths.begin(), predicted.paths.end());
  for (const std::size_t i : predicted.field.entrants) {
    std::vector<std::string> values = asked.values_at(predicted.configurations[i].point);
    for (std::string& value : values_of_choices(predicted, i)) {
      values.push_back(std::move(value));
    }
    axis.steps.push_back(std::move(values));
  }
  Sweep sweep{.name = asked.name, .base = asked.base, .settings = asked.settings, .axes = {axis}};
  sweep.replications = question.rounds.most;
  Sweep alone = sweep;
  alone.variants = {{.name = "", .settings = {{.path = "plan.compare", .value = "none"}}}};
  return is_valid(alone, registries) ? alone : sweep;
}

}  // namespace offcut::study
