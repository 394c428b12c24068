#include "analysis/statistics/latency_statistics.h"

#include <doctest/doctest.h>

namespace offcut::analysis::latency_statistics_test {
namespace {

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

TEST_CASE("latency statistics: no latency, no summary") { CHECK(!LatencyStatistics().summary()); }

TEST_CASE("latency statistics: means, quantiles and parts") {
  // Latencies 1 + 2 + 3 = 6, 0 + 2 + 2 = 4, 0 + 2 + 0 = 2.
  LatencyStatistics statistics;
  statistics.add(answered(1, 2, 3));
  statistics.add(answered(0, 2, 2));
  statistics.add(answered(0, 2, 0));
  const LatencySummary summary = statistics.summary().value();
  CHECK(summary.mean == doctest::Approx(4));
  CHECK(summary.p50 == doctest::Approx(4));
  CHECK(summary.p90 == doctest::Approx(5.6));   // Position 1.8.
  CHECK(summary.p95 == doctest::Approx(5.8));   // Position 1.9.
  CHECK(summary.p99 == doctest::Approx(5.96));  // Position 1.98.
  CHECK(summary.max == doctest::Approx(6));
  CHECK(summary.device_wait == doctest::Approx(1.0 / 3));
  CHECK(summary.device_compute == doctest::Approx(2));
  CHECK(summary.upload == doctest::Approx(5.0 / 3));
  CHECK(summary.download == 0);
  CHECK(summary.mean == doctest::Approx(summary.device_wait + summary.device_compute +
                                        summary.upload_wait + summary.upload + summary.server_wait +
                                        summary.server_compute + summary.download));
}

TEST_CASE("latency statistics: several classes add up") {
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

}  // namespace offcut::analysis::latency_statistics_test
