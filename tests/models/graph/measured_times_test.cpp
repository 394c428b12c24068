#include "models/graph/measured_times.h"

#include <doctest/doctest.h>

namespace offcut::measured_times_test {
namespace {

std::vector<Seconds> seconds(std::initializer_list<double> values) {
  return {values.begin(), values.end()};
}

}  // namespace

TEST_CASE("measured times: measured batches are as measured, others on lines between them") {
  MeasuredTimes times;
  times.add(8, seconds({12, 2}));
  times.add(1, seconds({5, 1}));
  CHECK(times.single() == seconds({5, 1}));
  CHECK(times.has_batches());
  CHECK(times.batches() == std::vector<std::int64_t>{1, 8});
  CHECK(times.at(1) == seconds({5, 1}));
  CHECK(times.at(8) == seconds({12, 2}));
  CHECK(times.at(2)[0].si() == doctest::Approx(6).epsilon(1e-12));  // 5 + 7 / 7.
  CHECK(times.at(4.5)[0].si() == doctest::Approx(8.5).epsilon(1e-12));
  CHECK(times.at(4.5)[1].si() == doctest::Approx(1.5).epsilon(1e-12));

  times.add(4, seconds({20, 0}));  // A busy moment of the machine: lines go down, too.
  CHECK(times.at(6)[0].si() == doctest::Approx(16).epsilon(1e-12));
  CHECK(times.at(2.5)[0].si() == doctest::Approx(12.5).epsilon(1e-12));
}

TEST_CASE("measured times: beyond the largest batch, a request takes as long as in that batch") {
  MeasuredTimes times;
  times.add(1, seconds({5}));
  CHECK_FALSE(times.has_batches());
  CHECK(times.at(3) == seconds({15}));
  times.add(4, seconds({8}));
  CHECK(times.at(4) == seconds({8}));
  CHECK(times.at(6) == seconds({12}));
  CHECK(times.at(400) == seconds({800}));
}

TEST_CASE("measured times: a fixed time and one for each request come back at any batch size") {
  const auto affine = [](double batch) { return 0.25 + 0.5 * batch; };
  MeasuredTimes times;
  for (const std::int64_t batch : {1, 2, 16, 64}) {
    times.add(batch, seconds({affine(static_cast<double>(batch))}));
  }
  for (double batch = 1; batch <= 64; ++batch) {
    CHECK(times.at(batch)[0].si() == doctest::Approx(affine(batch)).epsilon(1e-12));
  }
}

}  // namespace offcut::measured_times_test
