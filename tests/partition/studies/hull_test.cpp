// The supported points of a front, against the lower convex hull of the costs of all assignments:
// for each pair of linear objectives, on problems with all that a problem may have.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "../naive.h"
#include "../random_problem.h"
#include "naive_solver.h"
#include "partition/studies/pareto.h"

namespace offcut::partition::hull_test {
namespace {

struct Point {
  double x;
  double y;
};

constexpr double kNear = 1e-9;

bool is_near(double a, double b) { return std::abs(a - b) <= kNear * std::max({a, b, 1e-12}); }
bool are_near(const Point& a, const Point& b) { return is_near(a.x, b.x) && is_near(a.y, b.y); }

/// Returns the costs of all assignments that keep the limits.
std::vector<Point> all_points(const Problem& problem, const Objective& x, const Objective& y) {
  std::vector<Point> all;
  each_placement(problem, [&](const Assignment& tier_of) {
    if (const auto cost = naive_cost(problem, tier_of); cost && cost->keeps_limits) {
      all.push_back({cost->value(x), cost->value(y)});
    }
  });
  return all;
}

/// Returns by how much b is below the line from a to c, relative to its height there; a is left of
/// c.
double depth(const Point& a, const Point& b, const Point& c) {
  const double s = (b.x - a.x) / (c.x - a.x);
  const double line = (1 - s) * a.y + s * c.y;
  return (line - b.y) / std::max(line, 1e-12);
}

/// Returns the corners of the lower left hull, from the least x to the least y. A corner must be
/// below the line between its neighbours by more than rounding.
std::vector<Point> corners_of(std::vector<Point> points) {
  std::sort(points.begin(), points.end(), [](const Point& a, const Point& b) {
    return std::pair(a.x, a.y) < std::pair(b.x, b.y);
  });
  std::vector<Point> hull;
  for (const Point& point : points) {
    if (!hull.empty() && point.y >= hull.back().y * (1 - kNear)) {
      continue;
    }
    if (!hull.empty() && is_near(point.x, hull.back().x)) {
      hull.back() = point;
      continue;
    }
    while (hull.size() > 1 && depth(hull[hull.size() - 2], hull.back(), point) <= kNear) {
      hull.pop_back();
    }
    hull.push_back(point);
  }
  return hull;
}

/// Returns whether the point is a corner or on a line between two corners.
bool is_on_hull(const Point& point, const std::vector<Point>& corners) {
  for (std::size_t i = 0; i < corners.size(); ++i) {
    if (are_near(point, corners[i])) {
      return true;
    }
    if (i > 0 && point.x > corners[i - 1].x && point.x < corners[i].x) {
      return std::abs(depth(corners[i - 1], point, corners[i])) <= 10 * kNear;
    }
  }
  return false;
}

/// The pairs of axes: each two of the three sums, in both orders, and blends of them.
struct Pair {
  Objective x;
  Objective y;
};
constexpr Pair kPairs[] = {{{1, 0, 0, 0}, {0, 1, 0, 0}}, {{0, 1, 0, 0}, {1, 0, 0, 0}},
                           {{1, 0, 0, 0}, {0, 0, 1, 0}}, {{0, 0, 1, 0}, {1, 0, 0, 0}},
                           {{0, 1, 0, 0}, {0, 0, 1, 0}}, {{0, 0, 1, 0}, {0, 1, 0, 0}},
                           {{1, 2, 0, 0}, {0, 1, 3, 0}}, {{2, 0, 1, 0}, {1, 1, 1, 0}}};

Problem drawn(std::uint64_t seed, std::uint64_t i) {
  Problem problem = random_problem(
      seed, i, {.least_layers = 2, .most_layers = 5, .least_tiers = 2, .most_tiers = 3});
  RandomStream random = random_stream(seed, "everything", i);
  add_everything(random, problem);
  problem.goal.limits.deadline.reset();
  if (problem.price.empty()) {
    add_objective(random, problem);
  }
  problem.price.front() = 0;  // A slow device that costs nothing, so that there is a choice.
  for (Seconds& on_device : problem.seconds.front()) {
    on_device = on_device * 3;
  }
  return problem;
}

}  // namespace

TEST_CASE("pareto: supported points are the corners of the hull of all plans, for each two sums") {
  const std::uint64_t seed = 851;
  std::size_t corners_found[std::size(kPairs)] = {};
  std::size_t limited = 0;
  for (std::uint64_t i = 0; i < 640; ++i) {
    const Problem problem = drawn(seed, i);
    const Pair& pair = kPairs[i % std::size(kPairs)];
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(problem));
    const std::vector<Point> corners = corners_of(all_points(problem, pair.x, pair.y));
    const auto found = pareto_front(problem, {pair.x, pair.y}, naive_solver, 0);
    REQUIRE(std::holds_alternative<Declined>(found) == corners.empty());
    if (corners.empty()) {
      continue;
    }
    const Front& front = std::get<Front>(found);
    CHECK(!front.is_whole);
    std::vector<Point> points;
    for (const FrontPoint& point : front.points) {
      const NaiveCost cost = naive_cost(problem, point.tier_of).value();
      CHECK(cost.keeps_limits);
      CHECK(point.codecs.empty());
      points.push_back({cost.value(pair.x), cost.value(pair.y)});
      REQUIRE(point.values.size() == 2);
      CHECK(are_near(points.back(), {point.values[0], point.values[1]}));
      CHECK(is_on_hull(points.back(), corners));
      if (points.size() > 1) {
        CHECK(points.back().x > points[points.size() - 2].x);
        CHECK(points.back().y < points[points.size() - 2].y);
      }
    }
    for (const Point& corner : corners) {
      CAPTURE(corner.x);
      CHECK(std::any_of(points.begin(), points.end(),
                        [&](const Point& point) { return are_near(point, corner); }));
    }
    corners_found[i % std::size(kPairs)] += corners.size() - 1;
    limited += problem.goal.limits.memory.empty() || corners.size() < 2 ? 0U : 1U;
  }
  for (const std::size_t count : corners_found) {
    CHECK(count > 4);
  }
  CHECK(limited > 10);
}

}  // namespace offcut::partition::hull_test
