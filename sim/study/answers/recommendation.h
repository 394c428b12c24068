#pragma once

#include <string>
#include <vector>

#include "sim/study/answers/point_forecasts.h"
#include "sim/study/answers/racing.h"

namespace offcut::study {

/// The question of `offcut recommend`: the configuration with the best goal that keeps all
/// conditions.
struct RecommendQuestion {
  ForecastQuestion forecast;
  bool less_is_better = true;
  RaceRounds rounds;
  double confidence = 0.95;
};

/// A point of the axes, with one of its plans and of its policies.
struct Configured {
  std::size_t point = 0, plan = 0, policies = 0;
};

/// The configurations, as prediction ranks them, and the field of the race.
struct Predicted {
  std::vector<PointForecasts> points;
  std::vector<Configured> configurations;  // Of all valid points.
  std::vector<ForecastEntry> entries;      // By configuration.
  ForecastRanking ranking;
  RaceField field;
  std::vector<std::string> paths;  // Of the values of plans, and of policies.

  const PointForecasts& point_of(std::size_t configuration) const {
    return points[configurations[configuration].point];
  }
  const Forecast& forecast_of(std::size_t configuration) const {
    return entries[configuration].forecast;
  }
  const ChoiceOption& plan_of(std::size_t configuration) const {
    return point_of(configuration).plans[configurations[configuration].plan];
  }
  const ChoiceOption& policies_of(std::size_t configuration) const {
    return point_of(configuration).policies[configurations[configuration].policies];
  }
};

/// Predicts and ranks all configurations. Throws InputError if no point is valid, or if there are
/// too many configurations.
Predicted predict_configurations(const RecommendQuestion& question,
                                 const scenario::Registries& registries, std::size_t parallel,
                                 const engine::ProgressSink& progress);

/// Returns the settings of a configuration: those of all runs, its values, plans and policies.
std::vector<scenario::Override> settings_of(const RecommendQuestion& question,
                                            const Predicted& predicted, std::size_t configuration);

/// Returns a sweep whose points are the entrants of the race, which simulates their plans alone if
/// the scenario is valid without others to compare them with.
Sweep sweep_of_entrants(const RecommendQuestion& question, const Predicted& predicted,
                        const scenario::Registries& registries);

}  // namespace offcut::study
