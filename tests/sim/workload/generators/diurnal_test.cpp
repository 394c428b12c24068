#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "../arrival_times.h"

namespace offcut::workload::diurnal_test {
namespace {

constexpr double kPeriod = 100;
constexpr double kPeak = 30;

/// Returns the integral of 5 (1 + amplitude cos(2 pi (t - 30) / 100)) from 0.
double expected_until(double t, double amplitude) {
  const double turn = 2 * std::numbers::pi / kPeriod;
  return 5 * (t + amplitude / turn * (std::sin(turn * (t - kPeak)) - std::sin(-turn * kPeak)));
}

Process process(double amplitude) {
  return {"diurnal", {{"rate", 5}, {"amplitude", amplitude}, {"period", kPeriod}, {"peak", kPeak}}};
}

}  // namespace

TEST_CASE("diurnal: on the clock of expected requests, it is a Poisson process of rate 1") {
  for (const double amplitude : {0.0, 0.6, 1.0}) {
    CAPTURE(amplitude);
    double last = 0;
    std::vector<double> gaps;
    for (const double time : process(amplitude).times(100'000)) {
      gaps.push_back(expected_until(time, amplitude) - last);
      last += gaps.back();
    }
    CHECK(fits(gaps, [](double t) { return 1 - std::exp(-t); }));
  }
}

TEST_CASE("diurnal: counts by the time of day follow the integrated rate") {
  constexpr double kDays = 2000;
  constexpr double kHour = kPeriod / 20;
  std::vector<double> counts(20);
  for (const double time : process(0.8).times_until(kDays * kPeriod)) {
    ++counts[static_cast<std::size_t>(std::fmod(time, kPeriod) / kHour)];
  }
  for (std::size_t i = 0; i < counts.size(); ++i) {
    CAPTURE(i);
    const double begin = static_cast<double>(i) * kHour;
    const double expected =
        kDays * (expected_until(begin + kHour, 0.8) - expected_until(begin, 0.8));
    CHECK(std::abs(counts[i] - expected) < 5.5 * std::sqrt(expected));  // In standard deviations.
  }
}

}  // namespace offcut::workload::diurnal_test
