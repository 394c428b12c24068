// MSER-5 compared with its definition, computed anew for each truncation.

#include "analysis/statistics/warm_up.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

namespace offcut::analysis::warm_up_test {
namespace {

std::optional<std::size_t> by_definition(const std::vector<double>& values, bool logarithms) {
  std::vector<double> means;
  for (std::size_t i = 0; i + 5 <= values.size(); i += 5) {
    const double mean = std::accumulate(values.data() + i, values.data() + i + 5, 0.0) / 5;
    means.push_back(logarithms ? std::log(std::max(mean, 1e-9)) : mean);
  }
  const std::size_t count = means.size();
  if (count < 10) {
    return std::nullopt;
  }
  double least = std::numeric_limits<double>::infinity();
  std::size_t best = 0;
  for (std::size_t cut = 0; count - cut >= std::max<std::size_t>(5, count / 10); ++cut) {
    const auto kept = static_cast<double>(count - cut);
    double mean = 0, squares = 0;
    for (std::size_t i = cut; i < count; ++i) {
      mean += means[i] / kept;
    }
    for (std::size_t i = cut; i < count; ++i) {
      squares += (means[i] - mean) * (means[i] - mean);
    }
    if (squares / (kept * kept) < least) {
      least = squares / (kept * kept);
      best = cut;
    }
  }
  return best <= count / 2 ? std::optional(5 * best) : std::nullopt;
}

TEST_CASE("MSER-5: that of its definition on random runs with a trend at the start") {
  std::mt19937_64 random(1);
  std::exponential_distribution<double> exponential;
  int found = 0;
  for (std::size_t run = 0; run < 200; ++run) {
    std::vector<double> values(20 + random() % 600);
    const double height = exponential(random) * 5, length = 1 + exponential(random) * 100;
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = exponential(random) + height * std::exp(-static_cast<double>(i) / length);
    }
    INFO(run);
    CHECK(mser5_warm_up(values) == by_definition(values, false));
    CHECK(log_mser5_warm_up(values) == by_definition(values, true));
    found += mser5_warm_up(values).value_or(0) > 0 ? 1 : 0;
  }
  CHECK(found > 50);
}

TEST_CASE("MSER-5: cuts a step, nothing from equal values, and rejects a late step") {
  std::vector<double> values(1000, 1.0);
  CHECK(mser5_warm_up(values) == 0);
  CHECK(log_mser5_warm_up(values) == 0);
  std::fill_n(values.begin(), 200, 3.0);
  CHECK(mser5_warm_up(values) == 200);
  CHECK(log_mser5_warm_up(values) == 200);
  std::fill_n(values.begin(), 700, 3.0);
  CHECK(!mser5_warm_up(values));
  CHECK(!log_mser5_warm_up(values));
}

TEST_CASE("MSER-5: none for too few values, zeros are no error") {
  CHECK(!mser5_warm_up({}));
  CHECK(!mser5_warm_up(std::vector<double>(49, 1.0)));
  CHECK(mser5_warm_up(std::vector<double>(50, 1.0)) == 0);
  CHECK(log_mser5_warm_up(std::vector<double>(50, 0.0)) == 0);
}

TEST_CASE("MSER-5: values that are equal but for rounding have no warm-up") {
  // A latency is the difference of two times: it is rounded more coarsely as the clock goes on, or
  // less, seen from the end.
  std::vector<double> values;
  for (int i = 0; i < 5000; ++i) {
    const double clock = 40.0 * i;
    values.push_back((clock + 0.0301) - clock);
  }
  CHECK(mser5_warm_up(values) == 0);
  CHECK(log_mser5_warm_up(values) == 0);
  std::reverse(values.begin(), values.end());
  CHECK(mser5_warm_up(values) == 0);
  CHECK(log_mser5_warm_up(values) == 0);
}

TEST_CASE("MSER-5: a large mean costs no digits") {
  std::mt19937_64 random(2);
  std::vector<double> values(2000);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<double>(random() % 1000) + (i < 300 ? 5000 : 0);
  }
  const auto plain = mser5_warm_up(values);
  for (double& value : values) {
    value += 0x1p30;
  }
  CHECK(mser5_warm_up(values) == plain);
  CHECK(plain == 300);
}

}  // namespace
}  // namespace offcut::analysis::warm_up_test
