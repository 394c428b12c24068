#include "analysis/statistics/block_bootstrap.h"

#include <doctest/doctest.h>

#include <boost/random/normal_distribution.hpp>
#include <numeric>

#include "models/base/random.h"

namespace offcut::analysis::block_bootstrap_test {
namespace {

double mean(std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Returns values whose neighbours are correlated: AR(1) with this coefficient.
std::vector<double> series(double coefficient, std::uint64_t seed) {
  RandomStream stream = random_stream(seed, "series");
  boost::random::normal_distribution<double> normal;
  std::vector<double> values;
  double value = 0;
  for (int i = 0; i < 900; ++i) {
    value = coefficient * value + normal(stream);
    values.push_back(value);
  }
  return values;
}

TEST_CASE("equal values have an interval of no width") {
  const std::vector<double> values(10, 3.5);
  const Interval interval = block_bootstrap(values, mean, 0.95, 100, 1);
  CHECK(interval.estimate == 3.5);
  CHECK(interval.low == 3.5);
  CHECK(interval.high == 3.5);
  CHECK(interval.values == 10);
}

TEST_CASE("the interval of a mean is that of Student's t if values are independent") {
  const std::vector<double> values = series(0, 1);
  const Interval interval = block_bootstrap(values, mean, 0.95, 2000, 1);
  const auto exact = mean_interval(values, 0.95);
  CHECK(interval.estimate == doctest::Approx(exact->estimate));
  CHECK(interval.half_width() == doctest::Approx(exact->half_width()).epsilon(0.15));
}

TEST_CASE("correlated values have a wider interval, which covers the mean as often as it should") {
  int covered = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const std::vector<double> values = series(0.8, seed);
    const Interval interval = block_bootstrap(values, mean, 0.9, 200, seed);
    CHECK(interval.half_width() > 1.5 * mean_interval(values, 0.9)->half_width());
    covered += interval.covers(0) ? 1 : 0;
  }
  CHECK(covered >= 75);
  CHECK(covered <= 99);
}

}  // namespace
}  // namespace offcut::analysis::block_bootstrap_test
