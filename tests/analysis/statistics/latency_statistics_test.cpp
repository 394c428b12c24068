#include "analysis/statistics/latency_statistics.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/random/uniform_01.hpp>
#include <cmath>

#include "models/base/random.h"

namespace offcut::analysis {
namespace {

double quantile_of(std::vector<double> values, double q) { return quantile(values, q); }

engine::RequestRecord answered(double device_wait, double device_compute, double upload) {
  engine::RequestRecord r;
  r.ending = engine::Ending::completed;
  r.arrival = Seconds(100);
  r.device_wait = Seconds(device_wait);
  r.device_compute = Seconds(device_compute);
  r.upload = Seconds(upload);
  r.completion = Seconds(100 + device_wait + device_compute + upload);
  return r;
}

}  // namespace

TEST_CASE("quantile: type 7, by hand") {
  // Position q (n - 1), counted from 0, between neighbours in proportion.
  CHECK(quantile_of({4, 1, 3, 2}, 0.5) == 2.5);
  CHECK(quantile_of({4, 1, 3, 2}, 0.25) == 1.75);  // position 0.75: 1 + 0.75 * (2 - 1)
  CHECK(quantile_of({4, 1, 3, 2}, 0) == 1);
  CHECK(quantile_of({4, 1, 3, 2}, 1) == 4);
  CHECK(quantile_of({10, 20, 40}, 0.75) == 30);  // position 1.5
  CHECK(quantile_of({7}, 0.9) == 7);
  CHECK(quantile_of({5, 5, 5, 1}, 0.5) == 5);
  // NumPy: np.quantile([15, 20, 35, 40, 50], 0.4) is 29 (position 1.6: 20 + 0.6 * 15).
  CHECK(quantile_of({50, 15, 40, 20, 35}, 0.4) == doctest::Approx(29));
}

TEST_CASE("quantile: of random values, as on the sorted list") {
  RandomStream random = random_stream(611, "values");
  for (std::size_t n = 1; n < 60; ++n) {
    std::vector<double> values;
    for (std::size_t i = 0; i < n; ++i) {
      values.push_back(std::floor(10 * boost::random::uniform_01<double>()(random)));
    }
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    for (const double q : {0.0, 0.1, 0.5, 0.9, 0.95, 0.99, 1.0}) {
      const double position = q * static_cast<double>(n - 1);
      const auto below = static_cast<std::size_t>(std::floor(position));
      const std::size_t above = std::min(below + 1, n - 1);
      const double share = position - std::floor(position);
      INFO("n " << n << ", q " << q);
      CHECK(quantile_of(values, q) ==
            doctest::Approx((1 - share) * sorted[below] + share * sorted[above]));
    }
  }
}

TEST_CASE("latency statistics: none of nothing") { CHECK(!LatencyStatistics().summary()); }

TEST_CASE("latency statistics: means, quantiles and parts") {
  // Latencies 1 + 2 + 3 = 6, 0 + 2 + 2 = 4, 0 + 2 + 0 = 2.
  LatencyStatistics statistics;
  statistics.add(answered(1, 2, 3));
  statistics.add(answered(0, 2, 2));
  statistics.add(answered(0, 2, 0));
  const LatencySummary summary = statistics.summary().value();
  CHECK(summary.mean == doctest::Approx(4));
  CHECK(summary.p50 == doctest::Approx(4));
  CHECK(summary.p90 == doctest::Approx(5.6));   // position 1.8
  CHECK(summary.p95 == doctest::Approx(5.8));   // 1.9
  CHECK(summary.p99 == doctest::Approx(5.96));  // 1.98
  CHECK(summary.max == doctest::Approx(6));
  CHECK(summary.device_wait == doctest::Approx(1.0 / 3));
  CHECK(summary.device_compute == doctest::Approx(2));
  CHECK(summary.upload == doctest::Approx(5.0 / 3));
  CHECK(summary.download == 0);
  CHECK(summary.mean == doctest::Approx(summary.device_wait + summary.device_compute +
                                        summary.upload_wait + summary.upload + summary.server_wait +
                                        summary.server_compute + summary.download));
}

TEST_CASE("latency statistics: those of several classes, taken together") {
  LatencyStatistics all;
  LatencyStatistics first;
  LatencyStatistics second;
  LatencyStatistics both;
  for (int i = 0; i < 5; ++i) {
    engine::RequestRecord r = answered(i, 2, 3);
    r.lost = Seconds(0.5);
    r.completion += r.lost;
    (i < 2 ? first : second).add(r);
    both.add(r);
  }
  all.take(first);
  all.take(second);
  CHECK(!first.summary());
  CHECK(!second.summary());
  const LatencySummary taken = all.summary().value();
  const LatencySummary added = both.summary().value();
  CHECK(taken.mean == added.mean);
  CHECK(taken.p90 == added.p90);
  CHECK(taken.max == added.max);
  CHECK(taken.device_wait == added.device_wait);
  CHECK(taken.lost == 0.5);
}

}  // namespace offcut::analysis
