// Races on synthetic systems, compared with all replications of all candidates.

#include "sim/study/answers/racing.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_01.hpp>
#include <set>

#include "models/base/random.h"

namespace offcut::study {
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
      std::vector<std::optional<double>> values;
      for (const CandidateRun& run : runs) {
        values.push_back(value(run.candidate, run.replication));
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
    std::vector<std::optional<double>> values;
    for (const CandidateRun& one : runs) {
      values.push_back(one.candidate == 0 && one.replication == 1
                           ? std::nullopt
                           : std::optional(static_cast<double>(one.candidate)));
    }
    return values;
  };
  const RaceResult result = race(3, {}, run);
  CHECK(result.ranking[0].candidate == 1);
  CHECK(result.ranking[2].candidate == 0);
  CHECK(result.ranking[2].end == RaceEnd::without_value);
  const RaceResult none = race(1, {}, [](const std::vector<CandidateRun>& runs) {
    return std::vector<std::optional<double>>(runs.size());
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
    return std::vector<std::optional<double>>(runs.size());
  };
  CHECK_THROWS_AS(race(0, {}, run), std::invalid_argument);
  CHECK_THROWS_AS(race(1, {.first_replications = 1}, run), std::invalid_argument);
}

}  // namespace
}  // namespace offcut::study
