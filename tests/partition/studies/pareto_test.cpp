#include "partition/studies/pareto.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "../naive.h"
#include "../random_codecs.h"
#include "../random_problem.h"

namespace offcut::partition::pareto_test {
namespace {

constexpr Objective kLatency{1, 0, 0, 0}, kEnergy{0, 1, 0, 0}, kMoney{0, 0, 1, 0},
    kLongest{0, 0, 0, 1};

using Values = std::vector<double>;

std::variant<Front, Declined> front_of(const Problem& problem, const std::vector<FrontAxis>& axes,
                                       double most) {
  Registry<Algorithm> algorithms;
  register_algorithms(algorithms);
  return pareto_front(
      problem, axes, [&](const Problem& p) { return optimum(algorithms, p); }, most);
}

/// Visits every assignment, also those in which tensors go back.
void each_assignment_at_all(const Problem& problem,
                            const std::function<void(const Assignment&)>& visit) {
  Assignment tier_of(problem.layer_count(), 0);
  for (std::size_t layer = 0; layer < tier_of.size();) {
    visit(tier_of);
    for (layer = 0; layer < tier_of.size() && ++tier_of[layer] == problem.tier_count(); ++layer) {
      tier_of[layer] = 0;
    }
  }
}

/// Returns the cost of every monotone assignment that keeps the limits.
std::vector<Values> all_values(const Problem& problem, const std::vector<FrontAxis>& axes) {
  std::vector<Values> all;
  each_assignment_at_all(problem, [&](const Assignment& tier_of) {
    if (const auto cost = naive_cost(problem, tier_of); cost && cost->keeps_limits) {
      all.emplace_back();
      for (const FrontAxis& axis : axes) {
        all.back().push_back(cost->value(std::get<Objective>(axis)));
      }
    }
  });
  return all;
}

/// Returns whether `a` is no worse in any value and better in one, by more than rounding.
bool dominates(const Values& a, const Values& b) {
  bool is_better = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i] * (1 + 1e-9)) {
      return false;
    }
    is_better = is_better || a[i] < b[i] * (1 - 1e-9);
  }
  return is_better;
}

bool is_as_good(const Values& a, const Values& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i] * (1 + 1e-9)) {
      return false;
    }
  }
  return true;
}

/// Checks that the front's points exist and that none beats them, and that all other plans are
/// beaten by a point or as good as one.
void check_whole(const Front& front, const std::vector<Values>& all) {
  CHECK(front.is_whole);
  for (const FrontPoint& point : front.points) {
    CHECK(std::any_of(all.begin(), all.end(),
                      [&](const Values& other) { return is_as_good(other, point.values); }));
    for (const Values& other : all) {
      CHECK_FALSE(dominates(other, point.values));
    }
  }
  for (const Values& other : all) {
    CHECK(std::any_of(front.points.begin(), front.points.end(),
                      [&](const FrontPoint& point) { return is_as_good(point.values, other); }));
  }
}

Problem drawn(std::uint64_t seed, std::uint64_t i, bool with_limits) {
  Problem problem = random_problem(
      seed, i, {.least_layers = 1, .most_layers = 6, .least_tiers = 2, .most_tiers = 3});
  RandomStream random = random_stream(seed, "objective", i);
  add_objective(random, problem);
  problem.goal.objective = {};
  if (with_limits) {
    add_limits(random, problem);
  }
  return problem;
}

}  // namespace

TEST_CASE("pareto: the whole front equals that of brute force") {
  const std::uint64_t seed = 811;
  const std::vector<std::vector<FrontAxis>> asked = {
      {kLatency, kEnergy}, {kEnergy, kMoney}, {kLatency, kEnergy, kMoney}, {kLatency, kLongest}};
  int fronts = 0;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const Problem problem = drawn(seed, i, i % 2 == 0);
    const std::vector<FrontAxis>& objectives = asked[i % asked.size()];
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(problem));
    const std::vector<Values> all = all_values(problem, objectives);
    const auto found = front_of(problem, objectives, 1e5);
    REQUIRE(std::holds_alternative<Front>(found) == !all.empty());
    if (all.empty()) {
      continue;
    }
    const Front& front = std::get<Front>(found);
    fronts += front.points.size() > 1 ? 1 : 0;
    check_whole(front, all);
  }
  CHECK(fronts > 50);
}

TEST_CASE("pareto: with the accuracy that codecs cost, the front equals that of brute force") {
  const std::vector<FrontAxis> axes = {kLatency, AccuracyLoss{}, kLongest};
  int encoded = 0;
  int fronts = 0;
  for (std::uint64_t i = 0; i < 300; ++i) {
    Problem problem = random_codec_problem(i);
    if (problem.extras.accuracy.empty()) {
      continue;
    }
    if (i % 3 == 0) {
      problem.goal.limits.deadline = Seconds(40);
    }
    INFO("problem " << i << "\n" << to_dot(problem));
    std::vector<Values> all;
    const auto note = [&](const Problem& coded, const Assignment& tier_of, double loss) {
      const Cost cost = evaluate(coded, tier_of);
      if (!problem.goal.limits.deadline || cost.latency() <= *problem.goal.limits.deadline) {
        all.push_back({cost.latency().si(), loss, cost.bottleneck.si()});
      }
    };
    each_coded_cut(problem, note);
    each_assignment_at_all(problem, [&](const Assignment& tier_of) {
      if (naive_seconds(problem, tier_of)) {  // Nothing was measured for three tiers.
        note(problem, tier_of, 0);
      }
    });
    const auto found = front_of(problem, axes, 1e5);
    REQUIRE(std::holds_alternative<Front>(found) == !all.empty());
    if (!all.empty()) {
      const Front& front = std::get<Front>(found);
      check_whole(front, all);
      fronts += front.points.size() > 1 ? 1 : 0;
      for (const FrontPoint& point : front.points) {
        encoded += point.codecs.empty() ? 0 : 1;
        const Cost cost = evaluate(with_codecs(problem, point.codecs), point.tier_of);
        CHECK(point.values[0] == cost.latency().si());
      }
    }
  }
  CHECK(encoded > 100);
  CHECK(fronts > 100);
}

TEST_CASE("pareto: supported points are those of the whole front that some weights choose") {
  const std::uint64_t seed = 812;
  int hollow = 0;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const Problem problem = drawn(seed, i, false);
    const std::vector<FrontAxis> objectives = {kLatency, kEnergy};
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(problem));
    const Front whole = std::get<Front>(front_of(problem, objectives, 1e5));
    const Front supported = std::get<Front>(front_of(problem, objectives, 0));
    CHECK_FALSE(supported.is_whole);
    hollow += whole.points.size() > supported.points.size() ? 1 : 0;
    // The least of each weighted sum is among the supported points.
    for (int step = 1; step < 40; ++step) {
      const auto least = [&](const Front& front) {
        double value = INFINITY;
        for (const FrontPoint& point : front.points) {
          value = std::min(value, (40 - step) * point.values[0] + step * point.values[1]);
        }
        return value;
      };
      CHECK(least(supported) == doctest::Approx(least(whole)).epsilon(1e-9));
    }
    for (const FrontPoint& point : supported.points) {
      for (const FrontPoint& other : whole.points) {
        CHECK_FALSE(dominates(other.values, point.values));
      }
    }
  }
  CHECK(hollow > 10);
}

TEST_CASE("pareto: declines fronts that it can neither enumerate nor find by optima") {
  const Problem problem = drawn(813, 0, false);
  const auto refusal = [&](const std::vector<FrontAxis>& objectives) {
    const auto found = front_of(problem, objectives, 0);
    return std::holds_alternative<Declined>(found);
  };
  CHECK(refusal({kLatency, kEnergy, kMoney}));
  CHECK(refusal({kLatency, kLongest}));
  CHECK_FALSE(refusal({kLatency, kMoney}));
  CHECK(std::get<Declined>(front_of(problem, {kLatency, AccuracyLoss{}}, 1e5)).reason ==
        "the accuracy of codecs was not measured");
}

}  // namespace offcut::partition::pareto_test
