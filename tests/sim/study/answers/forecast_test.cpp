// The ranking of forecasts, and the size of the race that follows.

#include "sim/study/answers/forecast.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

namespace offcut::study::forecast_test {
namespace {

ForecastEntry entry(std::optional<double> goal, std::uint64_t hash,
                    std::optional<double> figure = {}, double load = 0.5, double requests = 1000) {
  return {.forecast =
              {.goal = goal, .figures = {figure}, .load = load, .requests = requests, .hash = hash},
          .group = 0};
}

const std::vector<Condition> kAtMostTen = {
    {.figure = "money", .is = Condition::Is::at_most, .bound = 10, .text = "money <= 10"}};

TEST_CASE("forecasts: those that hold come first, overloaded ones last") {
  const std::vector<ForecastEntry> entries = {
      entry(1, 1, 12),          // Breaks the condition.
      entry(5, 2, 3),           // Holds.
      entry(2, 3, 10.5),        // Nearly.
      entry(0.1, 4, 3, 1.3),    // Overloaded.
      entry({}, 5, 3),          // Unpredicted.
      entry(4, 6, {}),          // Holds as far as it is predicted.
      entry(5, 2, 3),           // Equal to the second one.
      entry(3, 7, 3, 1.3, 50),  // Too short to be saturated.
      entry(3.5, 8, 3, 1.05),   // Near its capacity.
  };
  const ForecastRanking less = rank_forecasts(entries, kAtMostTen, true);
  CHECK(less.order == std::vector<std::size_t>{7, 8, 5, 1, 2, 4, 6, 0, 3});
  CHECK(less.promises[0] == Promise::breaks);
  CHECK(less.promises[2] == Promise::nearly);
  CHECK(less.promises[3] == Promise::overloaded);
  CHECK(less.promises[4] == Promise::unpredicted);
  CHECK(less.promises[6] == Promise::equal);
  const ForecastRanking more = rank_forecasts(entries, kAtMostTen, false);
  CHECK(more.order == std::vector<std::size_t>{1, 5, 8, 7, 2, 4, 6, 0, 3});
}

TEST_CASE("forecasts: those that break a condition rank by how much, and some of them race") {
  std::vector<ForecastEntry> entries;
  for (std::size_t i = 0; i < 40; ++i) {  // All are beyond the bound of 10; the best goals most.
    const auto number = static_cast<double>(i);
    entries.push_back(entry(1 + 0.001 * number, i, 14.9 - 0.05 * number));
  }
  for (std::size_t i = 0; i < 40; ++i) {
    entries.push_back(entry(1 + 0.001 * static_cast<double>(i), 100 + i, 3));
  }
  const ForecastRanking ranking = rank_forecasts(entries, kAtMostTen, true);
  CHECK(ranking.promises[39] == Promise::breaks);
  CHECK(ranking.order[40] == 39);
  CHECK(ranking.order[79] == 0);
  const RaceField field = race_field(ranking, entries, true, {.most = 32});
  const auto broken = std::count_if(field.entrants.begin(), field.entrants.end(),
                                    [](std::size_t i) { return i < 40; });
  CHECK(broken == static_cast<std::ptrdiff_t>(field.entrants.size() / 3));
  CHECK(std::find(field.entrants.begin(), field.entrants.end(), 39U) != field.entrants.end());
}

TEST_CASE("forecasts: equal hashes count within a group only") {
  std::vector<ForecastEntry> entries = {entry(1, 1), entry(1, 1)};
  entries[1].group = 1;
  CHECK(rank_forecasts(entries, {}, true).promises[1] == Promise::holds);
}

std::vector<ForecastEntry> line(std::size_t count, double step) {
  std::vector<ForecastEntry> entries;
  for (std::size_t i = 0; i < count; ++i) {
    entries.push_back(entry(1 + step * static_cast<double>(i), i, 1.0));
  }
  return entries;
}

RaceField field_of(const std::vector<ForecastEntry>& entries, const RaceRounds& rounds) {
  return race_field(rank_forecasts(entries, kAtMostTen, true), entries, true, rounds);
}

TEST_CASE("race field: the runs are a tenth of all, or those of the least race") {
  for (const std::size_t count : std::vector<std::size_t>{1, 5, 20, 50, 100, 1000, 10000}) {
    for (const std::size_t most : std::vector<std::size_t>{2, 8, 16, 32, 64}) {
      const RaceRounds rounds{.most = most};
      const RaceField field = field_of(line(count, 1e-5), rounds);
      CAPTURE(count);
      CAPTURE(most);
      CHECK(field.most_runs == std::max(count * most / 10, 8 * rounds.first + 2 * most));
      CHECK(field.entrants.size() >= std::min<std::size_t>(count, 8));
      CHECK(field.entrants.size() <= 64);
      CHECK((field.entrants.size() <= 8 ||
             halving_runs(field.entrants.size(), rounds) <= field.most_runs));
    }
  }
}

TEST_CASE("race field: those that are predicted to be far worse stay out beyond the least number") {
  CHECK(field_of(line(1000, 0.03), {}).entrants.size() == 17);
  CHECK(field_of(line(1000, 10), {}).entrants.size() == 8);
}

TEST_CASE("race field: a third of the places is for those that break a condition by little") {
  std::vector<ForecastEntry> entries = line(400, 1e-5);
  for (std::size_t i = 0; i < 100; ++i) {
    entries[i].forecast.figures[0] = 10.3;
  }
  const RaceField field = field_of(entries, {});
  REQUIRE(field.entrants.size() == 64);
  CHECK(std::count_if(field.entrants.begin(), field.entrants.end(),
                      [](std::size_t i) { return i < 100; }) == 21);
  CHECK(std::is_sorted(field.entrants.begin(), field.entrants.end()));
}

TEST_CASE("race field: without predictions, as many race as the runs afford") {
  std::vector<ForecastEntry> entries = line(1000, 1);
  for (ForecastEntry& one : entries) {
    one.forecast.goal.reset();
  }
  const RaceField field = field_of(entries, {});
  CHECK(field.entrants.size() > 64);
  CHECK(halving_runs(field.entrants.size(), {}) <= 3200);
  CHECK(halving_runs(field.entrants.size() + 1, {}) > 3200);
}

TEST_CASE("halving runs: counted by hand") {
  // 8 twice, 4 twice more, 2 four times more, 1 until it has its 8.
  CHECK(halving_runs(8, {.first = 2, .least = 8, .most = 32, .kept = 0.5}) == 16 + 8 + 8);
  CHECK(halving_runs(1, {.first = 2, .least = 8, .most = 32, .kept = 0.5}) == 8);
  CHECK(halving_runs(3, {.first = 2, .least = 2, .most = 4, .kept = 0.5}) == 6 + 4);
}

TEST_CASE("race field: overloaded configurations never race") {
  std::vector<ForecastEntry> entries = line(5, 1);
  for (ForecastEntry& one : entries) {
    one.forecast.load = 2;
  }
  CHECK(field_of(entries, {}).entrants.empty());
}

}  // namespace
}  // namespace offcut::study::forecast_test
