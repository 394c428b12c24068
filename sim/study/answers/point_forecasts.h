#pragma once

#include <string>
#include <vector>

#include "sim/engine/simulation.h"
#include "sim/study/answers/forecast.h"
#include "sim/study/sweep/sweep.h"

namespace offcut::study {

/// The question of a recommendation.
struct ForecastQuestion {
  Sweep sweep;                           // Its points are those of the axes.
  bool plans = false, policies = false;  // These are chosen at each point.
  std::string goal;                      // A column of summary.csv.
  std::vector<Condition> conditions;
};

/// A plan or policies: for people, and as YAML of their paths.
struct ChoiceOption {
  std::string text;
  std::vector<std::string> values;
};

/// The choices at a point, and the forecasts.
struct PointForecasts {
  std::string invalid;      // Why the scenario is invalid there; empty: it is not.
  std::string unpredicted;  // Why nothing is predicted there; empty: it is.
  std::vector<ChoiceOption> plans, policies;  // The scenario's own first.
  bool has_all_policies = true;               // They are all combinations of the candidates.
  std::vector<Forecast> forecasts;            // By plan, then by policies.
};

/// Predicts all configurations, at most `parallel` points at a time, in child processes. Each point
/// is prepared once for all of its plans and policies, with models that are loaded once. The result
/// does not depend on `parallel`. Throws InputError with the errors of the first point if all are
/// invalid. `progress` may throw to end the prediction. REQUIRES: this process has one thread.
std::vector<PointForecasts> forecast_points(const ForecastQuestion& question,
                                            const scenario::Registries& registries,
                                            std::size_t parallel,
                                            const engine::ProgressSink& progress);

/// The most configurations of a question.
inline constexpr std::size_t kMostConfigurations = 100'000;

}  // namespace offcut::study
