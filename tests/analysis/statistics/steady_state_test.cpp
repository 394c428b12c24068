// Intervals of one run: independent values against textbook intervals, and runs that are too short.
// The coverage for M/M/1 is tested in tests/theory/coverage_test.cpp.

#include "analysis/statistics/steady_state.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "models/base/quantile.h"

namespace offcut::analysis::steady_state_test {
namespace {

std::vector<double> independent(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::exponential_distribution<double> exponential;
  std::vector<double> values(count);
  std::generate(values.begin(), values.end(), [&] { return exponential(random); });
  return values;
}

TEST_CASE("steady state: independent values are worth about their number") {
  const std::vector<double> values = independent(20000, 1);
  const SteadyState steady = steady_state(values, std::size_t{0}, 0.95);
  REQUIRE(steady.mean);
  // The variance of 64 batch means scatters by sqrt(2 / 63) = 18 %.
  CHECK(steady.effective == doctest::Approx(20000).epsilon(0.6));
  CHECK(steady.mean->half_width() == doctest::Approx(1.998 / std::sqrt(20000.0)).epsilon(0.4));
  CHECK(steady.too_short == "");
}

TEST_CASE("steady state: estimates are those of the values after the warm-up, for any order") {
  std::vector<double> values = independent(6400, 2);
  values.insert(values.begin(), 100, 1000.0);
  const SteadyState steady = steady_state(values, std::size_t{100}, 0.95);
  const std::vector<double> kept(values.begin() + 100, values.end());
  for (std::size_t i = 0; i < kSteadyQuantiles.size(); ++i) {
    INFO(kSteadyQuantiles[i]);
    CHECK(*steady.quantile_estimates[i] == quantile(kept, kSteadyQuantiles[i]));
    if (const auto& interval = steady.quantiles[i]) {
      CHECK(interval->low <= interval->estimate);
      CHECK(interval->estimate <= interval->high);
      CHECK(std::find(kept.begin(), kept.end(), interval->low) != kept.end());
      CHECK(std::find(kept.begin(), kept.end(), interval->high) != kept.end());
    }
  }
  CHECK(steady.quantiles[2]);
  CHECK(!steady.quantiles[4]);  // 6,400 values have 6 beyond the 99.9 % quantile.
  CHECK(steady.tail_too_short.find("p99.9 needs about") == 0);
}

TEST_CASE("steady state: the interval of a quantile is about that of binomial order statistics") {
  std::vector<double> values = independent(50000, 3);
  const SteadyState steady = steady_state(values, std::size_t{0}, 0.95);
  std::sort(values.begin(), values.end());
  for (const std::size_t i : {0U, 1U, 2U, 3U}) {
    const auto exact = quantile_interval(values, kSteadyQuantiles[i], 0.95);
    REQUIRE(steady.quantiles[i]);
    CHECK(steady.quantiles[i]->half_width() == doctest::Approx(exact->half_width()).epsilon(0.5));
  }
}

TEST_CASE("steady state: equal values are a point, whatever their number") {
  const SteadyState steady = steady_state(std::vector<double>(1000, 0.1), WarmUp::log_mser5, 0.95);
  REQUIRE(steady.mean);
  CHECK(steady.mean->low == 0.1);
  CHECK(steady.mean->high == 0.1);
  CHECK(steady.effective == 960);  // 64 batches of 15.
  REQUIRE(steady.quantiles[2]);
  CHECK(steady.quantiles[2]->half_width() == 0);
}

TEST_CASE("steady state: values that are equal but for rounding are equal") {
  // Seven of ten requests wait for nobody; the difference of two times of a clock is their latency.
  std::vector<double> values = independent(20000, 4);
  double clock = 0;
  for (double& value : values) {
    clock += 0.37;
    value = value < -std::log(0.3) ? (clock + 0.08) - clock : 0.08 + value;
  }
  const SteadyState steady = steady_state(values, std::size_t{0}, 0.95);
  REQUIRE(steady.quantiles[0]);
  CHECK(steady.quantiles[0]->high == doctest::Approx(0.08).epsilon(1e-9));
  CHECK(steady.quantiles[0]->low == doctest::Approx(0.08).epsilon(1e-9));
  CHECK(steady.tail_too_short.find("p50") == std::string::npos);
}

TEST_CASE("steady state: too few values have estimates, and no interval") {
  for (const std::size_t count : {0U, 1U, 2U, 49U, 399U}) {
    const SteadyState steady = steady_state(independent(count, 4), WarmUp::log_mser5, 0.95);
    CHECK(!steady.mean);
    CHECK(steady.too_short != "");
    CHECK(steady.mean_estimate.has_value() == (count > 0));
  }
}

TEST_CASE("steady state: a trend and alternating levels are no steady state") {
  std::vector<double> trend = independent(10000, 5), levels = trend;
  for (std::size_t i = 0; i < trend.size(); ++i) {
    trend[i] += static_cast<double>(i) * 2e-4;
    levels[i] += i / 1250 % 2 == 0 ? 0.0 : 1.0;
  }
  CHECK(steady_state(trend, std::size_t{0}, 0.95).too_short.find("depend on each other") !=
        std::string::npos);
  CHECK(steady_state(levels, std::size_t{0}, 0.95).too_short.find("depend on each other") !=
        std::string::npos);
}

TEST_CASE("steady state: a strongly correlated run says how long it should be") {
  std::vector<double> values = independent(5000, 6);
  for (std::size_t i = 1; i < values.size(); ++i) {
    values[i] = 0.95 * values[i - 1] + 0.05 * values[i];
  }
  const SteadyState steady = steady_state(values, std::size_t{0}, 0.95);
  CHECK(!steady.mean);
  // An autoregression with phi = 0.95 is worth (1 - phi) / (1 + phi) of its values: 128.
  CHECK(steady.effective == doctest::Approx(128).epsilon(0.6));
  CHECK(steady.too_short.find("400 are needed") != std::string::npos);
}

TEST_CASE("steady state: a run whose second half is still a warm-up is too short") {
  std::vector<double> values = independent(2000, 7);
  for (std::size_t i = 0; i < 1400; ++i) {
    values[i] += 50;
  }
  const SteadyState steady = steady_state(values, WarmUp::log_mser5, 0.95);
  CHECK(steady.too_short.find("warm-up") != std::string::npos);
  CHECK(!steady.mean_estimate);
}

TEST_CASE("steady state: scaling the values scales all figures") {
  std::vector<double> values = independent(5000, 8);
  const SteadyState one = steady_state(values, WarmUp::log_mser5, 0.95);
  for (double& value : values) {
    value *= 8;
  }
  const SteadyState eight = steady_state(values, WarmUp::log_mser5, 0.95);
  REQUIRE(one.mean);
  REQUIRE(eight.mean);
  CHECK(eight.warm_up == one.warm_up);
  CHECK(eight.mean->low == doctest::Approx(8 * one.mean->low));
  CHECK(eight.mean->high == doctest::Approx(8 * one.mean->high));
}

}  // namespace
}  // namespace offcut::analysis::steady_state_test
