// Screening of functions whose sensitivities are known in closed form.

#include "sim/study/answers/screening.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

namespace offcut::study::screening_test {
namespace {

using Shares = std::vector<double>;

template <class Function>
ScreenedFunction each(Function function) {
  return [function](const std::vector<Shares>& points) {
    std::vector<std::optional<double>> values;
    for (const Shares& point : points) {
      values.push_back(function(point));
    }
    return values;
  };
}

/// Ishigami and Homma 1990, with a = 7 and b = 0.1, on [-pi, pi]^3.
double ishigami(const Shares& shares) {
  const auto x = [&](std::size_t i) { return std::numbers::pi * (2 * shares[i] - 1); };
  return std::sin(x(0)) + 7 * std::pow(std::sin(x(1)), 2) +
         0.1 * std::pow(x(2), 4) * std::sin(x(0));
}

const std::vector<double> kG = {0, 1, 4.5, 9, 99, 99, 99, 99};

/// The g-function of Saltelli and Sobol 1995.
double g_function(const Shares& x) {
  double product = 1;
  for (std::size_t i = 0; i < kG.size(); ++i) {
    product *= (std::abs(4 * x[i] - 2) + kG[i]) / (1 + kG[i]);
  }
  return product;
}

TEST_CASE("the effects of a linear function are its coefficients") {
  const auto effects = elementary_effects(
      3, {.trajectories = 5}, each([](const Shares& x) { return 2 * x[0] - 5 * x[1] + 7; }));
  REQUIRE(effects.size() == 3);
  CHECK(effects[0].mean == doctest::Approx(2));
  CHECK(effects[0].mean_absolute == doctest::Approx(2));
  CHECK(effects[1].mean == doctest::Approx(-5));
  CHECK(effects[1].mean_absolute == doctest::Approx(5));
  CHECK(effects[1].deviation == doctest::Approx(0));
  CHECK(effects[2].mean_absolute == doctest::Approx(0));
  CHECK(effects[1].effects == 5);
  CHECK(effects[1].interval->covers(5));
}

TEST_CASE("elementary effects converge to their mean over the whole grid") {
  // The exact moments of Ishigami's effects: over all grid points of the lower half of an axis, and
  // all points of the others.
  constexpr std::size_t kLevels = 4;
  const auto level = [](std::size_t i) { return static_cast<double>(i) / (kLevels - 1); };
  std::vector<double> expected(3), squares(3);
  for (std::size_t factor = 0; factor < 3; ++factor) {
    double count = 0;
    for (std::size_t i = 0; i < kLevels / 2; ++i) {
      for (std::size_t j = 0; j < kLevels; ++j) {
        for (std::size_t k = 0; k < kLevels; ++k) {
          Shares low = {level(j), level(k)};
          low.insert(low.begin() + static_cast<std::ptrdiff_t>(factor), level(i));
          Shares high = low;
          high[factor] = level(i + kLevels / 2);
          const double effect = (ishigami(high) - ishigami(low)) / (high[factor] - low[factor]);
          expected[factor] += std::abs(effect);
          squares[factor] += effect * effect;
          ++count;
        }
      }
    }
    expected[factor] /= count;
  }
  const auto effects = elementary_effects(3, {.trajectories = 4000}, each(ishigami));
  for (std::size_t factor = 0; factor < 3; ++factor) {
    CHECK(effects[factor].mean_absolute == doctest::Approx(expected[factor]).epsilon(0.05));
  }
  CHECK(effects[0].deviation > 1);  // It interacts with the third.
}

TEST_CASE("elementary effects rank the factors of the g-function") {
  const auto effects = elementary_effects(kG.size(), {.trajectories = 20}, each(g_function));
  for (std::size_t i = 0; i + 1 < 4; ++i) {
    CHECK(effects[i].mean_absolute > effects[i + 1].mean_absolute);
  }
  for (std::size_t i = 4; i < kG.size(); ++i) {
    CHECK(effects[i].mean_absolute < 0.1 * effects[2].mean_absolute);
  }
}

TEST_CASE("effects without a value at one end are left out") {
  const auto effects =
      elementary_effects(2, {.trajectories = 50}, [](const std::vector<Shares>& points) {
        std::vector<std::optional<double>> values;
        for (const Shares& point : points) {
          values.push_back(point[0] > 0.9 ? std::nullopt : std::optional(3 * point[1]));
        }
        return values;
      });
  CHECK(effects[0].effects < 50);
  CHECK(effects[1].effects < 50);
  CHECK(effects[1].effects > 10);
  CHECK(effects[1].mean == doctest::Approx(3));
}

TEST_CASE("Sobol indices of Ishigami's function are the known ones") {
  // V1 = (1 + b pi^4 / 5)^2 / 2, V2 = a^2 / 8, V13 = 8 b^2 pi^8 / 225.
  const double pi4 = std::pow(std::numbers::pi, 4);
  const double v1 = std::pow(1 + 0.1 * pi4 / 5, 2) / 2, v2 = 49.0 / 8;
  const double v13 = 8 * 0.01 * pi4 * pi4 / 225, v = v1 + v2 + v13;
  std::size_t used = 0;
  const auto indices = sobol_indices(3, {.samples = 4096, .resamples = 200}, each(ishigami), used);
  REQUIRE(indices.size() == 3);
  CHECK(used == 4096);
  const double first[] = {v1 / v, v2 / v, 0}, total[] = {(v1 + v13) / v, v2 / v, v13 / v};
  for (std::size_t i = 0; i < 3; ++i) {
    CAPTURE(i);
    CHECK(std::abs(indices[i].first.estimate - first[i]) < 0.02);
    CHECK(std::abs(indices[i].total.estimate - total[i]) < 0.02);
    CHECK(indices[i].first.covers(first[i]));
    CHECK(indices[i].total.covers(total[i]));
  }
}

TEST_CASE("Sobol indices of the g-function are the known ones") {
  // Vi = 1 / (3 (1 + ai)^2); V = product of (1 + Vi) - 1; the total of i is Vi times the product of
  // (1 + Vj) over all others.
  std::vector<double> parts;
  double product = 1;
  for (const double a : kG) {
    parts.push_back(1 / (3 * (1 + a) * (1 + a)));
    product *= 1 + parts.back();
  }
  std::size_t used = 0;
  const auto indices =
      sobol_indices(kG.size(), {.samples = 4096, .resamples = 100}, each(g_function), used);
  REQUIRE(indices.size() == kG.size());
  for (std::size_t i = 0; i < kG.size(); ++i) {
    CAPTURE(i);
    CHECK(std::abs(indices[i].first.estimate - parts[i] / (product - 1)) < 0.02);
    CHECK(std::abs(indices[i].total.estimate -
                   parts[i] * product / (1 + parts[i]) / (product - 1)) < 0.02);
  }
}

TEST_CASE("a constant function has no indices, and rows without a value are left out") {
  std::size_t used = 0;
  CHECK(sobol_indices(2, {.samples = 16}, each([](const Shares&) { return 1.0; }), used).empty());
  CHECK(used == 16);
  const auto partly = [](const std::vector<Shares>& points) {
    std::vector<std::optional<double>> values;
    for (const Shares& point : points) {
      values.push_back(point[0] > 0.8 ? std::nullopt : std::optional(point[1]));
    }
    return values;
  };
  const auto indices = sobol_indices(2, {.samples = 256}, partly, used);
  CHECK(used < 256);
  CHECK(used > 100);
  CHECK(indices.at(1).total.estimate == doctest::Approx(1).epsilon(0.1));
  CHECK(indices.at(0).total.estimate == doctest::Approx(0));
}

}  // namespace
}  // namespace offcut::study::screening_test
