#include <doctest/doctest.h>

#include <cmath>

#include "../arrival_times.h"

namespace offcut::workload::mmpp_test {
namespace {

/// The mean, and the fourth and second central moments.
struct Moments {
  double mean = 0, second = 0, fourth = 0;
};

Moments moments(const std::vector<double>& values) {
  Moments all;
  const auto n = static_cast<double>(values.size());
  for (const double value : values) {
    all.mean += value / n;
  }
  for (const double value : values) {
    const double square = (value - all.mean) * (value - all.mean);
    all.second += square / n;
    all.fourth += square * square / n;
  }
  return all;
}

}  // namespace

TEST_CASE("mmpp: mean and variance of counts from the start") {
  // Calm for 4 s at 1/s, bursts for 1 s at 11/s: mean 3/s. The rate's covariance over a lag u is
  // p (1 - p) (11 - 1)^2 e^(-theta u) with p = 1/5, theta = 1/4 + 1; integrated twice over [0, t]:
  // Var N(t) = 3 t + 2 * 16 (t / theta - (1 - e^(-theta t)) / theta^2).
  const Process process("mmpp", {{"calm-rate", 1}, {"burst-rate", 11}, {"calm", 4}, {"burst", 1}});
  CHECK(process.rate().si() == doctest::Approx(3).epsilon(1e-15));
  constexpr std::size_t kSources = 40'000;
  for (const double t : {0.5, 2.0, 20.0}) {
    CAPTURE(t);
    std::vector<double> counts;
    for (std::size_t i = 0; i < kSources; ++i) {
      counts.push_back(static_cast<double>(process.times_until(t, i).size()));
    }
    constexpr double kTheta = 1.25;
    const double variance =
        3 * t + 32 * (t / kTheta - (1 - std::exp(-kTheta * t)) / (kTheta * kTheta));
    const Moments seen = moments(counts);
    // Five standard errors; that of the variance from the fourth moment.
    CHECK(std::abs(seen.mean - 3 * t) < 5 * std::sqrt(variance / kSources));
    CHECK(std::abs(seen.second - variance) <
          5 * std::sqrt((seen.fourth - seen.second * seen.second) / kSources));
  }
}

TEST_CASE("mmpp: gaps of a process that is silent between bursts are hyperexponential") {
  // The interrupted Poisson process: at rate 6, on for 1/2 s, off for 1 s. Kuczura, The interrupted
  // Poisson process as an overflow process, Bell System Technical Journal 52, 1973.
  constexpr double kRate = 6, kStops = 2, kStarts = 1;
  const double sum = kRate + kStops + kStarts;
  const double root = std::sqrt(sum * sum - 4 * kRate * kStarts);
  const double fast = (sum + root) / 2, slow = (sum - root) / 2;
  const double share = (kRate - slow) / (fast - slow);
  const Process process(
      "mmpp", {{"calm-rate", 0}, {"burst-rate", kRate}, {"calm", 1 / kStarts}, {"burst", 0.5}});
  CHECK(fits(process.gaps(100'000), [&](double t) {
    return 1 - share * std::exp(-fast * t) - (1 - share) * std::exp(-slow * t);
  }));
}

TEST_CASE("mmpp: phases of equal rates are no phases") {
  const Process process("mmpp", {{"calm-rate", 3}, {"burst-rate", 3}, {"calm", 0.1}, {"burst", 2}});
  CHECK(fits(process.gaps(100'000), [](double t) { return 1 - std::exp(-3 * t); }));
}

TEST_CASE("mmpp: rare requests of short phases come at the mean rate of both") {
  // A million phases lie between two requests, so their lengths have no influence: the process is
  // the Poisson process of the mean rate.
  const Process process("mmpp",
                        {{"calm-rate", 0}, {"burst-rate", 2e-3}, {"calm", 1e-3}, {"burst", 1e-3}});
  CHECK(fits(process.gaps(100'000), [](double t) { return 1 - std::exp(-1e-3 * t); }));
}

}  // namespace offcut::workload::mmpp_test
