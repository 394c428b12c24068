// Comparisons of synthetic replications, through the function that `offcut compare` uses.

#include "sim/study/answers/figure_comparison.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/random/normal_distribution.hpp>
#include <cmath>
#include <limits>

#include "models/base/error.h"
#include "models/base/random.h"

namespace offcut::study::figure_comparison_test {
namespace {

using Kind = ComparedRun::Kind;

const std::vector<std::string> kComparedFigures = {"latency_mean_s", "latency_p99_s",
                                                   "goodput_per_s", "money"};

ComparedSide side_of(const std::string& name, const std::vector<std::vector<double>>& runs) {
  ComparedSide side{.name = name, .points = {{}}};
  for (std::size_t i = 0; i < runs.size(); ++i) {
    side.runs.push_back({.seed = fmt::format("{}", i + 1), .values = runs[i]});
  }
  return side;
}

/// Two variants with common random numbers: each replication has a part that both share, and parts
/// of their own, of which `common` is that of all figures, as latencies of one run have it. The
/// second one is better by `gain` in all figures.
std::vector<ComparedSide> two_variants(std::uint64_t seed, double gain, double common) {
  constexpr std::size_t kReplications = 10;
  constexpr double kOwn = 0.2;
  boost::random::normal_distribution<double> normal;
  RandomStream stream = random_stream(seed, "two variants");
  std::vector<std::vector<double>> a, b;
  for (std::size_t i = 0; i < kReplications; ++i) {
    std::vector<double>&x = a.emplace_back(), &y = b.emplace_back();
    const double common_x = common * normal(stream), common_y = common * normal(stream);
    for (std::size_t figure = 0; figure < kComparedFigures.size(); ++figure) {
      const double shared = 10 + normal(stream);
      const double sign = kComparedFigures[figure] == "goodput_per_s" ? 1 : -1;
      x.push_back(shared + common_x + kOwn * normal(stream));
      y.push_back(shared + common_y + kOwn * normal(stream) + sign * gain);
    }
  }
  return {side_of("a", a), side_of("b", b)};
}

/// Returns the number of tries in which some figure of two equal variants differs significantly.
int false_alarms(std::uint64_t tries, double common) {
  int found = 0;
  for (std::uint64_t seed = 1; seed <= tries; ++seed) {
    const Comparison comparison =
        compare_sides(two_variants(seed, 0, common), kComparedFigures, 0.95);
    const auto& figures = comparison.rows.at(0).figures;
    found += std::any_of(figures.begin(), figures.end(),
                         [](const ComparedFigure& figure) { return figure.is_significant; })
                 ? 1
                 : 0;
  }
  return found;
}

TEST_CASE("two equal variants have no significant difference in 95 % of 200 tries") {
  const int found = false_alarms(200, 0.5);
  CHECK(found <= 10);
  CHECK(found >= 1);  // The test is not just deaf.
}

TEST_CASE("a false alarm in any of several independent figures has a probability of 5 % at most") {
  // The worst case of Holm's correction. Four standard errors of 4,000 tries are 1.4 %.
  const int found = false_alarms(4000, 0);
  CHECK(found <= 4000 * 0.064);
  CHECK(found >= 4000 * 0.036);
}

TEST_CASE("two variants with a known difference are told apart, and the better one is named") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const Comparison comparison = compare_sides(two_variants(seed, 1, 0.1), kComparedFigures, 0.95);
    for (const ComparedFigure& figure : comparison.rows.at(0).figures) {
      CHECK(figure.is_significant);
      CHECK((figure.difference() > 0) == (figure.figure == 2));
    }
  }
}

TEST_CASE("means, difference and interval of a hand-made pair") {
  // Differences 1, 2, 3: mean 2, s = 1, t(2, 0.975) = 4.302653, so +- 4.302653 / sqrt(3).
  const Comparison comparison =
      compare_sides({side_of("a", {{1, 1, 1, 5}, {2, 1, 1, 5}, {3, 1, 1, 5}}),
                     side_of("b", {{2, 1, 1, 4}, {4, 1, 1, 4}, {6, 1, 1, 4}})},
                    kComparedFigures, 0.95);
  const ComparedPoint& row = comparison.rows.at(0);
  REQUIRE(row.figures.size() == 4);
  const ComparedFigure& latency = row.figures[0];
  CHECK(latency.first_mean == doctest::Approx(2));
  CHECK(latency.mean == doctest::Approx(4));
  CHECK(*latency.relative_difference() == doctest::Approx(1));
  CHECK(latency.paired->difference.half_width() == doctest::Approx(4.302653 / std::sqrt(3.0)));
  CHECK(row.figures[1].are_equal);
  CHECK_FALSE(row.figures[1].is_significant);
  CHECK(row.figures[3].is_significant);  // All pairs have the same difference.
  // Equal figures are no tests: the latency's p-value is doubled for two tests.
  CHECK(comparison.tests == 2);
  CHECK(latency.adjusted_p == doctest::Approx(latency.paired->p_value));  // The larger of the two.
}

TEST_CASE("saturated, failed and unpaired runs are left out and counted") {
  std::vector<ComparedSide> sides = {
      side_of("a", {{1, 1, 1, 1}, {2, 1, 1, 1}, {3, 1, 1, 1}, {4, 1, 1, 1}, {5, 1, 1, 1}}),
      side_of("b", {{1, 1, 1, 1}, {1, 1, 1, 1}, {90, 1, 1, 1}, {1, 1, 1, 1}})};
  sides[1].runs[2].kind = Kind::saturated;
  sides[1].runs[3].kind = Kind::without_result;
  const Comparison comparison = compare_sides(sides, kComparedFigures, 0.95);
  const ComparedPoint& row = comparison.rows.at(0);
  CHECK(row.pairs == 4);
  CHECK(row.saturated == 1);
  CHECK(row.first_saturated == 0);
  CHECK(row.without_result == 1);
  CHECK(row.unpaired == 1);
  CHECK(row.figures.at(0).pairs == 2);
  CHECK(row.figures.at(0).mean == doctest::Approx(1));
}

TEST_CASE("one run each has a difference, but no interval") {
  const Comparison comparison = compare_sides(
      {side_of("a", {{1, 1, 1, 1}}), side_of("b", {{2, 1, 1, 1}})}, kComparedFigures, 0.95);
  const ComparedFigure& latency = comparison.rows.at(0).figures.at(0);
  CHECK_FALSE(latency.paired);
  CHECK(latency.difference() == 1);
  CHECK_FALSE(latency.is_significant);
  CHECK(comparison.tests == 0);
}

TEST_CASE("points are matched by their values, whatever their order") {
  std::vector<ComparedSide> sides = {side_of("a", {{1, 1, 1, 1}, {5, 1, 1, 1}}),
                                     side_of("b", {{6, 1, 1, 1}, {3, 1, 1, 1}, {9, 1, 1, 1}})};
  for (ComparedSide& side : sides) {
    side.parameters = {"tiers.edge.count"};
    for (std::size_t i = 0; i < side.runs.size(); ++i) {
      side.runs[i].point = i;
      side.runs[i].seed = "1";
    }
  }
  sides[0].points = {{"1"}, {"2"}};
  sides[1].points = {{"2"}, {"1"}, {"3"}};
  const Comparison comparison = compare_sides(sides, kComparedFigures, 0.95);
  REQUIRE(comparison.rows.size() == 2);
  CHECK(comparison.rows[0].figures.at(0).difference() == 2);  // 3 - 1.
  CHECK(comparison.rows[1].figures.at(0).difference() == 1);  // 6 - 5.
  CHECK(comparison.left_out == 1);
}

TEST_CASE("sides that cannot be compared are errors") {
  const ComparedSide a = side_of("a", {{1, 1, 1, 1}});
  ComparedSide b = a;
  b.name = "b";
  b.parameters = {"seed of something"};
  CHECK_THROWS_WITH_AS(compare_sides({a, b}, kComparedFigures, 0.95),
                       "b: error: varies seed of something, but a varies nothing: expected sweeps "
                       "over the same parameters",
                       InputError);
  b = a;
  b.name = "b";
  b.runs[0].seed = "7";
  CHECK_THROWS_WITH_AS(
      compare_sides({a, b}, kComparedFigures, 0.95),
      "b: error: has no run with the seed of one of a: expected the same seeds, so "
      "that both have common random numbers",
      InputError);
  b = a;
  b.name = "b";
  b.runs[0].values.assign(4, std::numeric_limits<double>::quiet_NaN());
  CHECK_THROWS_AS(compare_sides({a, b}, kComparedFigures, 0.95), InputError);
}

}  // namespace
}  // namespace offcut::study::figure_comparison_test
