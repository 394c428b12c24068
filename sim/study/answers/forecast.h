#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/study/answers/condition.h"

namespace offcut::study {

/// The prediction for a configuration.
struct Forecast {
  std::optional<double> goal;                  // In the figure's unit. None: it is not predicted.
  std::vector<std::optional<double>> figures;  // Those of the conditions.
  double load = 0;                             // See inescapable_load().
  double requests = 0;                         // Of the run, as it is expected.
  std::uint64_t hash = 0;                      // See prediction_hash().
};

/// How prediction sees a configuration, the most promising first.
enum class Promise {
  holds,        // The conditions hold as far as they are predicted.
  nearly,       // A condition is broken by little, which may be an error of the prediction.
  unpredicted,  // Neither the goal nor its order is known.
  equal,        // It can't be told from one that ranks before it.
  breaks,       // A condition is broken by more.
  overloaded    // The run will be saturated.
};

/// A configuration with its forecast, and the group in which equal forecasts mean equal
/// predictions.
struct ForecastEntry {
  Forecast forecast;
  std::size_t group = 0;
};

struct ForecastRanking {
  std::vector<std::size_t> order;  // The most promising configuration first.
  std::vector<Promise> promises;   // By configuration.
  /// By configuration: by how much it is predicted to break a condition, as a share of the bound.
  std::vector<double> excesses;
};

/// Ranks configurations by their promises, and those with the same one by the goal, or if they break
/// a condition, by how much; of equal ones, the first one ranks first. A configuration is overloaded if a station is offered more than its
/// capacity by a tenth, in a run that is long enough to show it: a run counts as saturated if its
/// backlog takes more than a twentieth of it, and has at least a hundred requests. A condition is
/// broken by little up to a tenth of its bound.
ForecastRanking rank_forecasts(const std::vector<ForecastEntry>& entries,
                               const std::vector<Condition>& conditions, bool less_is_better);

/// The rounds of a race: see RaceOptions.
struct RaceRounds {
  std::size_t first = 2, least = 8, most = 32;  // Replications; `least` are those of the winner.
  double kept = 0.5;
};

/// The configurations that race, in their own order, and the limit of their runs.
struct RaceField {
  std::vector<std::size_t> entrants;
  std::size_t most_runs = 0;
};

/// Returns the runs that successive halving takes for so many entrants, without ties.
std::size_t halving_runs(std::size_t entrants, const RaceRounds& rounds);

/// Decides which configurations race. Their runs are at most a tenth of those that simulate all
/// configurations with all replications; or, where that is less, as many as eight entrants and two
/// finalists need. As many configurations race as successive halving affords with these runs, but
/// at most 64 if they are predicted. A third of the places is for those that break a condition by the
/// least, and by no more than a half, which may be an error of the prediction. Beyond the first eight, a configuration does not race if its goal is predicted to be
/// worse than the best one by more than a half: predictions are better than that.
RaceField race_field(const ForecastRanking& ranking, const std::vector<ForecastEntry>& entries,
                     bool less_is_better, const RaceRounds& rounds);

}  // namespace offcut::study
