// Intervals compared with SciPy 1.10 (Debian's python3-scipy) and with exact binomial sums.
//
// a = [34.1, 35.2, 33.8, 36.0, 34.9, 35.5, 33.2, 34.7]; b = [33.0, 34.9, 33.1, 35.2, 34.8, 34.1,
// 33.0, 33.9]; the numbers are those of stats.t.interval(c, 7, loc=mean(a), scale=stats.sem(a)),
// stats.ttest_rel(a, b) and stats.t.ppf(0.975, degrees), whose error is up to 4e-10.

#include "analysis/statistics/interval.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

namespace offcut::analysis::interval_test {
namespace {

const std::vector<double> kA = {34.1, 35.2, 33.8, 36.0, 34.9, 35.5, 33.2, 34.7};
const std::vector<double> kB = {33.0, 34.9, 33.1, 35.2, 34.8, 34.1, 33.0, 33.9};

doctest::Approx near(double value) { return doctest::Approx(value).epsilon(1e-9); }

/// Returns P(B <= k) of a binomial number, summed term by term.
double binomial_cdf(std::size_t k, std::size_t count, double share) {
  double sum = 0;
  for (std::size_t i = 0; i <= k; ++i) {
    const auto n = static_cast<double>(count), x = static_cast<double>(i);
    sum += std::exp(std::lgamma(n + 1) - std::lgamma(x + 1) - std::lgamma(n - x + 1) +
                    x * std::log(share) + (n - x) * std::log1p(-share));
  }
  return sum;
}

TEST_CASE("Student's t: quantiles are SciPy's") {
  CHECK(student_t(1, 0.95) == near(12.706204736432095));
  CHECK(student_t(2, 0.95) == near(4.302652729911275));
  CHECK(student_t(9, 0.95) == near(2.2621571627409915));
  CHECK(student_t(63, 0.95) == near(1.9983405417721956));
}

TEST_CASE("mean interval: that of SciPy") {
  const auto interval = mean_interval(kA, 0.95);
  REQUIRE(interval);
  CHECK(interval->low == near(33.89874079525251));
  CHECK(interval->high == near(35.4512592047475));
  CHECK(interval->values == 8);
  CHECK(mean_interval(kA, 0.9)->low == near(34.05304745059679));
  CHECK(mean_interval(kA, 0.99)->high == near(35.823810903156314));
}

TEST_CASE("mean interval: none for fewer than two values, a point for equal ones") {
  CHECK(!mean_interval({}, 0.95));
  CHECK(!mean_interval(std::vector<double>{1.0}, 0.95));
  const auto equal = mean_interval(std::vector<double>(7, 0.1), 0.95);
  REQUIRE(equal);
  CHECK(equal->low == 0.1);
  CHECK(equal->high == 0.1);
}

TEST_CASE("mean interval: invalid arguments") {
  CHECK_THROWS_AS(mean_interval(kA, 0), std::invalid_argument);
  CHECK_THROWS_AS(mean_interval(kA, 1), std::invalid_argument);
  CHECK_THROWS_AS(mean_interval(kA, std::nan("")), std::invalid_argument);
  CHECK_THROWS_AS(mean_interval(std::vector<double>{1, std::nan("")}, 0.95), std::invalid_argument);
  CHECK_THROWS_AS(
      mean_interval(std::vector<double>{1, std::numeric_limits<double>::infinity()}, 0.95),
      std::invalid_argument);
}

TEST_CASE("paired interval: that of SciPy") {
  const auto pairs = paired_interval(kA, kB, 0.95);
  REQUIRE(pairs);
  CHECK(pairs->difference.estimate == near(0.6750000000000007));
  CHECK(pairs->p_value == doctest::Approx(0.003952789099135875).epsilon(1e-9));
  CHECK(pairs->difference.low == near(0.2964754286483633));
  CHECK(pairs->difference.high == near(1.0535245713516381));
  CHECK(pairs->is_significant());
}

TEST_CASE("paired interval: equal variants differ by nothing, constant differences are certain") {
  const auto same = paired_interval(kA, kA, 0.95);
  REQUIRE(same);
  CHECK(same->p_value == 1);
  CHECK(!same->is_significant());
  const auto shifted =
      paired_interval(std::vector<double>{2, 3, 4}, std::vector<double>{1, 2, 3}, 0.95);
  REQUIRE(shifted);
  CHECK(shifted->p_value == 0);
  CHECK(shifted->is_significant());
  CHECK_THROWS_AS(paired_interval(kA, std::vector<double>{1, 2}, 0.95), std::invalid_argument);
  CHECK(!paired_interval(std::vector<double>{1}, std::vector<double>{2}, 0.95));
}

TEST_CASE("paired interval: significant if and only if the interval excludes 0") {
  for (const double confidence : {0.5, 0.9, 0.99, 0.995, 0.997, 0.999}) {
    const auto pairs = paired_interval(kA, kB, confidence);
    CHECK(pairs->is_significant() == !pairs->difference.covers(0));
  }
}

TEST_CASE("quantile ranks: the narrowest by exact binomial sums") {
  for (const std::size_t count : {1U, 2U, 5U, 6U, 10U, 59U, 100U, 400U}) {
    for (const double share : {0.05, 0.5, 0.9, 0.95, 0.99}) {
      for (const double confidence : {0.8, 0.95, 0.99}) {
        const double tail = (1 - confidence) / 2;
        std::size_t low = 0, high = count + 1;
        while (low < count && binomial_cdf(low, count, share) <= tail) {
          ++low;  // X(low + 1) is above the quantile with this probability.
        }
        while (high > 1 && 1 - binomial_cdf(high - 2, count, share) <= tail) {
          --high;
        }
        const auto ranks = quantile_ranks(count, share, confidence);
        INFO(count, " ", share, " ", confidence);
        REQUIRE(ranks.has_value() == (low >= 1 && high <= count));
        if (ranks) {
          CHECK(ranks->low == low);
          CHECK(ranks->high == high);
          CHECK(ranks->confidence == doctest::Approx(binomial_cdf(high - 1, count, share) -
                                                     binomial_cdf(low - 1, count, share))
                                         .epsilon(1e-9));
          CHECK(ranks->confidence >= confidence);
        }
      }
    }
  }
}

TEST_CASE("quantile interval: order statistics, none for a tail without values") {
  std::vector<double> values;
  for (int i = 1; i <= 100; ++i) {
    values.push_back(i);
  }
  const auto median = quantile_interval(values, 0.5, 0.95);
  REQUIRE(median);
  CHECK(median->estimate == 50.5);
  CHECK(median->low == 40);
  CHECK(median->high == 61);
  CHECK(median->confidence == doctest::Approx(0.9647997997822952).epsilon(1e-9));
  CHECK(!quantile_interval(values, 0.999, 0.95));
  CHECK(!quantile_interval({}, 0.5, 0.95));
}

TEST_CASE("values needed: the first number whose interval is narrow enough") {
  // By SciPy: the smallest n >= 8 with t.ppf(0.975, n - 1) * std(a, ddof=1) / sqrt(n) <= share *
  // mean(a).
  using Of = Precision::Of;
  CHECK(values_needed(kA, 0.95, {0.02, Of::the_estimate}) == 10);
  CHECK(values_needed(kA, 0.95, {0.01, Of::the_estimate}) == 30);
  CHECK(values_needed(kA, 0.95, {0.005, Of::the_estimate}) == 113);
  CHECK(values_needed(kA, 0.95, {100, Of::absolute}) == 8);
  CHECK(values_needed(std::vector<double>(3, 5.0), 0.95, {0.01, Of::the_estimate}) == 3);
  CHECK(!values_needed(std::vector<double>{1}, 0.95, {0.01, Of::the_estimate}));
  CHECK(!values_needed(std::vector<double>{-1, 1}, 0.95, {0.01, Of::the_estimate}));
}

}  // namespace
}  // namespace offcut::analysis::interval_test
