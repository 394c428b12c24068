// Races on synthetic systems, compared with all replications of all candidates.

#include "sim/study/answers/racing.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_01.hpp>
#include <set>

#include "models/base/random.h"

namespace offcut::study::racing_test {
namespace {

/// Candidates whose values have a part that depends on the replication alone, as under common
/// random numbers, and a part of their own.
struct Candidates {
  std::uint64_t seed = 1;
  std::vector<double> means;
  double shared = 1, own = 0.2;

  double value(std::size_t candidate, std::size_t replication) const {
    RandomStream common = random_stream(seed, "replication", replication);
    RandomStream alone = random_stream(seed + 1000 * (candidate + 1), "own", replication);
    boost::random::normal_distribution<double> normal, another;
    return means[candidate] + shared * normal(common) + own * another(alone);
  }

  RunCandidates runs() const {
    return [this](const std::vector<CandidateRun>& runs) {
      std::vector<std::optional<CandidateValues>> values;
      for (const CandidateRun& run : runs) {
        values.push_back(CandidateValues{value(run.candidate, run.replication)});
      }
      return values;
    };
  }
};

Candidates random_system(std::uint64_t seed, std::size_t count) {
  RandomStream stream = random_stream(seed, "system");
  boost::random::uniform_01<double> uniform;
  Candidates system{.seed = seed};
  for (std::size_t i = 0; i < count; ++i) {
    system.means.push_back(10 + 5 * uniform(stream));
  }
  return system;
}

TEST_CASE(
    "on 50 systems the race finds the winner of all runs, or one that cannot be told from it") {
  constexpr std::size_t kCandidates = 100, kMost = 64;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const Candidates system = random_system(seed, kCandidates);
    const RaceResult result = race(kCandidates, {.most_replications = kMost}, system.runs());
    std::vector<std::vector<double>> all(kCandidates);
    std::vector<double> means;
    for (std::size_t i = 0; i < kCandidates; ++i) {
      for (std::size_t r = 0; r < kMost; ++r) {
        all[i].push_back(system.value(i, r));
      }
      means.push_back(analysis::mean_interval(all[i], 0.95)->estimate);
    }
    const auto best =
        static_cast<std::size_t>(std::min_element(means.begin(), means.end()) - means.begin());
    const std::size_t winner = result.ranking.front().candidate;
    CAPTURE(seed);
    if (winner != best) {
      CHECK_FALSE(analysis::paired_interval(all[winner], all[best], 0.95)->is_significant());
    }
    CHECK(result.runs * 10 <= kCandidates * kMost);
    CHECK(result.ranking.size() == kCandidates);
  }
}

TEST_CASE("a clear winner takes the first round only") {
  const Candidates system{.means = {5, 1, 6, 7}, .own = 1e-9};
  const RaceResult result = race(4, {.first_replications = 3}, system.runs());
  CHECK(result.ranking.front().candidate == 1);
  CHECK(result.ranking.front().end == RaceEnd::won);
  CHECK(result.runs == 12);
  CHECK(result.ranking[1].end == RaceEnd::worse);
  CHECK(result.ranking[1].from_winner->difference.estimate == doctest::Approx(4));
}

TEST_CASE("equal candidates are tied after all replications") {
  const Candidates system{.means = {1, 1}, .shared = 3, .own = 0};
  const RaceResult result = race(2, {.most_replications = 2}, system.runs());
  CHECK(result.ranking[0].end == RaceEnd::won);
  CHECK(result.ranking[0].candidate == 0);
  CHECK(result.ranking[1].end == RaceEnd::tied);
  CHECK(result.runs == 4);
}

TEST_CASE("a candidate without a value leaves, and ranks last") {
  const RunCandidates run = [](const std::vector<CandidateRun>& runs) {
    std::vector<std::optional<CandidateValues>> values;
    for (const CandidateRun& one : runs) {
      values.push_back(one.candidate == 0 && one.replication == 1
                           ? std::nullopt
                           : std::optional(CandidateValues{static_cast<double>(one.candidate)}));
    }
    return values;
  };
  const RaceResult result = race(3, {}, run);
  CHECK(result.ranking[0].candidate == 1);
  CHECK(result.ranking[2].candidate == 0);
  CHECK(result.ranking[2].end == RaceEnd::without_value);
  const RaceResult none = race(1, {}, [](const std::vector<CandidateRun>& runs) {
    return std::vector<std::optional<CandidateValues>>(runs.size());
  });
  CHECK(none.ranking.at(0).end == RaceEnd::without_value);
}

TEST_CASE("no run is asked for twice, and replications are common") {
  std::set<std::pair<std::size_t, std::size_t>> seen;
  const Candidates system = random_system(3, 20);
  const RunCandidates plain = system.runs();
  const RaceResult result = race(20, {}, [&](const std::vector<CandidateRun>& runs) {
    for (const CandidateRun& run : runs) {
      CHECK(seen.emplace(run.candidate, run.replication).second);
    }
    return plain(runs);
  });
  CHECK(seen.size() == result.runs);
}

TEST_CASE("a race without candidates or replications is an error") {
  const RunCandidates run = [](const auto& runs) {
    return std::vector<std::optional<CandidateValues>>(runs.size());
  };
  CHECK_THROWS_AS(race(0, {}, run), std::invalid_argument);
  CHECK_THROWS_AS(race(1, {.first_replications = 1}, run), std::invalid_argument);
}

/// Candidates with a goal and a figure that a condition is about.
struct ConditionedCandidates {
  std::uint64_t seed = 1;
  std::vector<double> goals, figures;
  double noise = 0.2;

  CandidateValues values(std::size_t candidate, std::size_t replication) const {
    RandomStream alone = random_stream(seed + 1000 * (candidate + 1), "own", replication);
    boost::random::normal_distribution<double> normal;
    const double goal = goals[candidate] + noise * normal(alone);
    return {goal, {figures[candidate] + noise * normal(alone)}};
  }

  RunCandidates runs() const {
    return [this](const std::vector<CandidateRun>& runs) {
      std::vector<std::optional<CandidateValues>> found;
      for (const CandidateRun& run : runs) {
        found.emplace_back(values(run.candidate, run.replication));
      }
      return found;
    };
  }
};

const std::vector<Condition> kFigureBelowFive = {
    {.figure = "money", .is = Condition::Is::below, .bound = 5, .text = "money < 5"}};

TEST_CASE("a race under a condition: the best one that keeps it for certain wins") {
  const ConditionedCandidates system{.goals = {1, 2, 3}, .figures = {9, 4, 1}, .noise = 0.01};
  const RaceResult result = race(3, {.conditions = kFigureBelowFive}, system.runs());
  REQUIRE(result.has_winner());
  CHECK(result.ranking[0].candidate == 1);
  CHECK(result.ranking[2].candidate == 0);
  CHECK(result.ranking[2].end == RaceEnd::breaks_condition);
  CHECK(result.ranking[0].figures[0]->estimate == doctest::Approx(4).epsilon(0.01));
}

TEST_CASE("a race under a condition: without certainty there is no winner") {
  const ConditionedCandidates on_bound{.goals = {1, 2}, .figures = {5, 5}, .noise = 1};
  const RaceResult unclear =
      race(2, {.most_replications = 4, .conditions = kFigureBelowFive}, on_bound.runs());
  CHECK_FALSE(unclear.has_winner());
  const ConditionedCandidates beyond{.goals = {1, 2}, .figures = {7, 8}, .noise = 0.01};
  const RaceResult broken = race(2, {.conditions = kFigureBelowFive}, beyond.runs());
  CHECK_FALSE(broken.has_winner());
  CHECK(broken.runs == 4);
}

TEST_CASE(
    "a race under a condition: cheaper candidates near the bound do not push out the winner") {
  ConditionedCandidates system{.goals = {}, .figures = {}, .noise = 0.5};
  for (int i = 0; i < 20; ++i) {
    system.goals.push_back(1 + 0.01 * i);
    system.figures.push_back(5.3);
  }
  system.goals.push_back(4);
  system.figures.push_back(1);
  const RaceResult result = race(21, {.conditions = kFigureBelowFive}, system.runs());
  REQUIRE(result.has_winner());
  CHECK(result.ranking.front().candidate == 20);
}

TEST_CASE("on 50 systems the winner under a condition is that of all runs, or as good") {
  constexpr std::size_t kCandidates = 40, kMost = 64;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    RandomStream stream = random_stream(seed, "conditioned system");
    boost::random::uniform_01<double> uniform;
    ConditionedCandidates system{.seed = seed, .goals = {}, .figures = {}};
    for (std::size_t i = 0; i < kCandidates; ++i) {
      system.goals.push_back(10 + 5 * uniform(stream));
      system.figures.push_back(3 + 4 * uniform(stream));
    }
    const RaceResult result =
        race(kCandidates, {.kept = 0.5, .conditions = kFigureBelowFive}, system.runs());
    std::optional<std::size_t> best;
    std::vector<std::vector<double>> goals(kCandidates);
    for (std::size_t i = 0; i < kCandidates; ++i) {
      std::vector<double> figures;
      for (std::size_t r = 0; r < kMost; ++r) {
        goals[i].push_back(system.values(i, r).goal);
        figures.push_back(system.values(i, r).figures[0]);
      }
      const bool is_held = analysis::mean_interval(figures, 0.95)->high < 5;
      const double mean = analysis::mean_interval(goals[i], 0.95)->estimate;
      if (is_held && (!best || mean < analysis::mean_interval(goals[*best], 0.95)->estimate)) {
        best = i;
      }
    }
    CAPTURE(seed);
    REQUIRE(result.has_winner());
    const std::size_t winner = result.ranking.front().candidate;
    CHECK(system.figures[winner] < 5.1);
    if (winner != *best) {
      CHECK_FALSE(analysis::paired_interval(goals[winner], goals[*best], 0.95)->difference.low > 0);
    }
  }
}

TEST_CASE("a race under a condition: those that left for a candidate come back if it is unclear") {
  // The figure of the first one is 4, so that it seems to keep the condition, but from the eighth
  // replication on it is 6.
  const RunCandidates run = [](const std::vector<CandidateRun>& runs) {
    std::vector<std::optional<CandidateValues>> found;
    for (const CandidateRun& one : runs) {
      const double jitter = 1e-3 * static_cast<double>(one.replication % 3);
      const bool is_first = one.candidate == 0;
      const double figure = !is_first ? 1 : one.replication < 8 ? 4 : 6;
      found.emplace_back(CandidateValues{(is_first ? 1 : 2) + 1e-3 * jitter, {figure + jitter}});
    }
    return found;
  };
  const RaceResult result = race(
      2, {.least_replications = 16, .most_replications = 16, .conditions = kFigureBelowFive}, run);
  REQUIRE(result.has_winner());
  CHECK(result.ranking[0].candidate == 1);
  CHECK(result.ranking[1].end == RaceEnd::unclear);
}

TEST_CASE("a race keeps its limit of runs, and gives the winner its least replications") {
  const Candidates equal{.means = std::vector<double>(10, 1.0)};
  CHECK(race(10, {.most_runs = 33, .kept = 0.5}, equal.runs()).runs <= 33);
  CHECK(race(10, {.most_runs = 5}, equal.runs()).runs == 20);  // The first ones are always run.
  const Candidates clear{.means = {5, 1, 6}, .own = 1e-9};
  const RaceResult result = race(3, {.least_replications = 8}, clear.runs());
  CHECK(result.runs == 6 + 6);
  CHECK(result.ranking.front().values.size() == 8);
}

TEST_CASE("of candidates that are as good as the best, the first one wins") {
  const Candidates near{.means = {1.0001, 1, 1.2}, .own = 1e-3};
  CHECK(race(3, {.most_replications = 2, .worthwhile = 1e-2}, near.runs())
            .ranking.front()
            .candidate == 0);
  const Candidates far{.means = {1.0001, 1, 1.2}, .own = 1e-9};
  CHECK(
      race(3, {.most_replications = 2, .worthwhile = 1e-2}, far.runs()).ranking.front().candidate ==
      1);
}

}  // namespace
}  // namespace offcut::study::racing_test
