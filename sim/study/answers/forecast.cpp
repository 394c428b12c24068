// Orders configurations by what is predicted for them, and decides how many of them race.

#include "sim/study/answers/forecast.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <tuple>

namespace offcut::study {
namespace {

constexpr double kOverload = 1.1;
constexpr double kLeastRequests = 200;  // A run with fewer may not count as saturated.
constexpr double kTolerance = 0.1;      // Of a condition's bound.

double excess_of(const Forecast& forecast, const std::vector<Condition>& conditions) {
  double excess = 0;
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    const std::optional<double>& value = forecast.figures[i];
    if (value && !conditions[i].holds(*value)) {
      excess = std::max(excess, relative_excess(conditions[i], *value));
      if (conditions[i].bound == *value) {
        excess = std::max(excess, std::numeric_limits<double>::min());
      }
    }
  }
  return excess;
}

Promise promise_of(const Forecast& forecast, double excess) {
  if (forecast.load > kOverload && forecast.requests >= kLeastRequests) {
    return Promise::overloaded;
  }
  return excess > kTolerance ? Promise::breaks
         : excess > 0        ? Promise::nearly
         : forecast.goal     ? Promise::holds
                             : Promise::unpredicted;
}

/// Returns the goal as a number of which less is better.
double cost_of(const Forecast& forecast, bool less_is_better) {
  constexpr double kUnknown = std::numeric_limits<double>::max();
  return !forecast.goal ? kUnknown : less_is_better ? *forecast.goal : -*forecast.goal;
}

}  // namespace

ForecastRanking rank_forecasts(const std::vector<ForecastEntry>& entries,
                               const std::vector<Condition>& conditions, bool less_is_better) {
  ForecastRanking ranking{
      .order = std::vector<std::size_t>(entries.size()), .promises = {}, .excesses = {}};
  std::iota(ranking.order.begin(), ranking.order.end(), std::size_t{0});
  std::map<std::pair<std::size_t, std::uint64_t>, std::size_t> seen;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Forecast& forecast = entries[i].forecast;
    ranking.excesses.push_back(excess_of(forecast, conditions));
    ranking.promises.push_back(promise_of(forecast, ranking.excesses.back()));
    const bool is_new =
        !forecast.goal || seen.emplace(std::pair(entries[i].group, forecast.hash), i).second;
    if (!is_new && ranking.promises.back() < Promise::equal) {
      ranking.promises.back() = Promise::equal;
    }
  }
  std::stable_sort(ranking.order.begin(), ranking.order.end(), [&](std::size_t a, std::size_t b) {
    const auto key = [&](std::size_t i) {
      const double excess = ranking.promises[i] == Promise::breaks ? ranking.excesses[i] : 0;
      return std::tuple(ranking.promises[i], excess, cost_of(entries[i].forecast, less_is_better));
    };
    return key(a) < key(b);
  });
  return ranking;
}

std::size_t halving_runs(std::size_t entrants, const RaceRounds& rounds) {
  std::size_t left = entrants, replications = std::min(rounds.first, rounds.most);
  std::size_t runs = left * replications;
  while (left > 0 && replications < rounds.most) {
    const auto share = static_cast<std::size_t>(std::ceil(rounds.kept * static_cast<double>(left)));
    left = std::clamp<std::size_t>(share, 1, std::max<std::size_t>(1, left - 1));
    if (left == 1 && replications >= rounds.least) {
      break;
    }
    const std::size_t next = std::min(2 * replications, rounds.most);
    runs += left * (next - replications);
    replications = next;
  }
  return runs;
}

RaceField race_field(const ForecastRanking& ranking, const std::vector<ForecastEntry>& entries,
                     bool less_is_better, const RaceRounds& rounds) {
  constexpr std::size_t kLeast = 8, kMostPredicted = 64, kNearShare = 3;
  constexpr double kHopeless = 0.5, kTenth = 0.1;
  constexpr double kMostExcess = 0.5;  // Of conditions that an error of the prediction may break.
  const double all = static_cast<double>(entries.size() * rounds.most);
  RaceField field;
  field.most_runs =
      std::max(static_cast<std::size_t>(all * kTenth), kLeast * rounds.first + 2 * rounds.most);
  std::vector<std::size_t> near, others;
  std::optional<double> best;
  for (const std::size_t i : ranking.order) {
    const std::optional<double>& goal = entries[i].forecast.goal;
    if (ranking.promises[i] == Promise::overloaded) {
      break;
    }
    const double cost = cost_of(entries[i].forecast, less_is_better);
    best = best || !goal ? best : cost;
    const bool is_far = goal && cost - *best > kHopeless * std::abs(*best);
    if (!is_far || near.size() + others.size() < kLeast) {
      const bool may_hold =
          ranking.promises[i] == Promise::nearly ||
          (ranking.promises[i] == Promise::breaks && ranking.excesses[i] <= kMostExcess);
      (may_hold ? near : others).push_back(i);
    }
  }
  std::size_t most = near.size() + others.size();
  most = best ? std::min(most, kMostPredicted) : most;
  while (most > kLeast && halving_runs(most, rounds) > field.most_runs) {
    --most;
  }
  const std::size_t reserved = std::min(near.size(), most / kNearShare);
  const std::size_t of_others = std::min(others.size(), most - reserved);
  field.entrants.assign(others.begin(), others.begin() + std::ptrdiff_t(of_others));
  field.entrants.insert(field.entrants.end(), near.begin(),
                        near.begin() + std::ptrdiff_t(std::min(near.size(), most - of_others)));
  // Of candidates that are as good as each other, the race prefers the first.
  std::sort(field.entrants.begin(), field.entrants.end());
  return field;
}

}  // namespace offcut::study
