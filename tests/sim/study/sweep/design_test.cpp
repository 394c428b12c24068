#include "sim/study/sweep/design.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace offcut::study::design_test {
namespace {

const Design& design(const std::string& name) {
  return *std::find_if(designs().begin(), designs().end(),
                       [&](const Design& d) { return d.name == name; });
}

/// The star discrepancy of points in two dimensions at the corners of a grid: how far the share of
/// points in [0, x) x [0, y) is from its area.
double discrepancy(const std::vector<std::vector<double>>& points) {
  constexpr int kGrid = 32;
  double worst = 0;
  for (int i = 1; i <= kGrid; ++i) {
    for (int j = 1; j <= kGrid; ++j) {
      const double x = i / double{kGrid}, y = j / double{kGrid};
      const auto inside = std::count_if(points.begin(), points.end(),
                                        [&](const auto& p) { return p[0] < x && p[1] < y; });
      worst = std::max(
          worst,
          std::abs(static_cast<double>(inside) / static_cast<double>(points.size()) - x * y));
    }
  }
  return worst;
}

}  // namespace

TEST_CASE("designs: points are in the unit cube, and a seed always gives the same ones") {
  for (const Design& d : designs()) {
    CAPTURE(d.name);
    const auto points = d.points(50, 7, 3);
    REQUIRE(points.size() == 50);
    for (const auto& point : points) {
      REQUIRE(point.size() == 7);
      CHECK(std::all_of(point.begin(), point.end(), [](double v) { return v >= 0 && v < 1; }));
    }
    CHECK(points == d.points(50, 7, 3));
    CHECK((points == d.points(50, 7, 4)) == (d.name == "sobol"));
    CHECK(d.points(1, 1, 1).size() == 1);
  }
}

TEST_CASE("designs: a latin hypercube has one point in each interval of each dimension") {
  for (const std::size_t count : {1U, 2U, 17U, 100U}) {
    const auto points = design("latin-hypercube").points(count, 5, count);
    for (std::size_t dimension = 0; dimension < 5; ++dimension) {
      std::set<int> intervals;
      for (const auto& point : points) {
        intervals.insert(static_cast<int>(point[dimension] * static_cast<double>(count)));
      }
      CHECK(intervals.size() == count);
    }
  }
}

TEST_CASE("designs: a Sobol sequence begins as published and fills a square more evenly") {
  const auto points = design("sobol").points(7, 2, 1);
  CHECK(points[0] == std::vector{0.5, 0.5});
  CHECK(points[1] == std::vector{0.75, 0.25});
  CHECK(points[2] == std::vector{0.25, 0.75});
  CHECK(points[3] == std::vector{0.375, 0.375});
  CHECK(discrepancy(design("sobol").points(255, 2, 1)) < 0.02);
  CHECK(discrepancy(design("random").points(255, 2, 1)) > 0.02);
}

}  // namespace offcut::study::design_test
