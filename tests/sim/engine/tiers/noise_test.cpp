// The distributions of service times, with 200,000 draws each. Bounds are five standard errors
// wide: with another seed, a check would fail in one of 1.7 million cases.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "../recorded.h"

namespace offcut::engine::noise_test {
namespace {

constexpr std::int64_t kDraws = 200'000;
constexpr double kErrors = 5;

/// Returns the service times of a device with a mean of 2 s, divided by that mean.
std::vector<double> draws(const Noise& noise, std::uint64_t seed) {
  const auto arrivals = make_arrivals("periodic", {{"period", 1}});
  const Recorded recorded =
      record({.seed = seed,
              .tiers = {{.name = "device", .used = true, .service = Seconds(2), .noise = noise}},
              .arrivals = arrivals.get(),
              .stop = {.requests = kDraws}});
  std::vector<double> values;
  for (const RequestRecord& r : recorded.requests) {
    values.push_back(r.device_compute.si() / 2);
  }
  return values;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double share_below(const std::vector<double>& values, double bound) {
  const auto below =
      std::count_if(values.begin(), values.end(), [&](double v) { return v < bound; });
  return static_cast<double>(below) / static_cast<double>(values.size());
}

void check_share(const std::vector<double>& values, double bound, double expected) {
  const double error = std::sqrt(expected * (1 - expected) / static_cast<double>(kDraws));
  CHECK(std::abs(share_below(values, bound) - expected) < kErrors * error);
}

}  // namespace

TEST_CASE("noise: none leaves service times as they are" * doctest::test_suite("slow")) {
  const std::vector<double> values = draws({}, 1);
  CHECK(std::count(values.begin(), values.end(), 1.0) == kDraws);
}

TEST_CASE("noise: lognormal has mean 1 and the given coefficient of variation" *
          doctest::test_suite("slow")) {
  for (const double cv : {0.1, 0.5, 1.0}) {
    const std::vector<double> values = draws({Noise::Kind::lognormal, cv}, 2);
    CHECK(std::abs(mean(values) - 1) < kErrors * cv / std::sqrt(kDraws));
    // With sigma^2 = ln(1 + cv^2), ln X is normal with mean -sigma^2 / 2 and deviation sigma: its
    // quantiles at 15.87, 50 and 84.13 % are exp(-sigma^2 / 2 + k sigma), k = -1, 0, 1.
    const double sigma = std::sqrt(std::log(1 + cv * cv));
    check_share(values, std::exp(-sigma * sigma / 2 - sigma), 0.158655);
    check_share(values, std::exp(-sigma * sigma / 2), 0.5);
    check_share(values, std::exp(-sigma * sigma / 2 + sigma), 0.841345);
  }
}

TEST_CASE("noise: lognormal's standard deviation is cv" * doctest::test_suite("slow")) {
  // The fourth central moment of a lognormal with cv 0.5 over its variance squared is
  // w^4 + 2 w^3 + 3 w^2 - 3 with w = 1 + cv^2 = 1.25: 8.035. The sample variance's standard error
  // is then 0.25 * sqrt((8.035 - 1) / n), 0.0015.
  const std::vector<double> values = draws({Noise::Kind::lognormal, 0.5}, 3);
  double squares = 0;
  for (const double value : values) {
    squares += (value - 1) * (value - 1);
  }
  const double variance = squares / static_cast<double>(kDraws);
  CHECK(std::abs(variance - 0.25) < kErrors * 0.25 * std::sqrt(7.035 / kDraws));
}

TEST_CASE("noise: lognormal with cv 0 leaves service times as they are" *
          doctest::test_suite("slow")) {
  const std::vector<double> values = draws({Noise::Kind::lognormal, 0}, 4);
  CHECK(std::count(values.begin(), values.end(), 1.0) == kDraws);
}

TEST_CASE("noise: exponential has mean 1 and is memoryless" * doctest::test_suite("slow")) {
  const std::vector<double> values = draws({Noise::Kind::exponential}, 5);
  CHECK(std::abs(mean(values) - 1) < kErrors / std::sqrt(kDraws));
  for (const double x : {0.1, 1.0, 3.0}) {
    check_share(values, x, 1 - std::exp(-x));
  }
}

TEST_CASE("noise: empirical draws are the given factors, equally likely" *
          doctest::test_suite("slow")) {
  // Their variance is (0.5^2 + 0 + 0.5^2) / 3.
  const std::vector<double> values =
      draws({.kind = Noise::Kind::empirical, .factors = {0.5, 1, 1.5}}, 7);
  CHECK(std::abs(mean(values) - 1) < kErrors * std::sqrt(0.5 / 3 / kDraws));
  for (const double factor : {0.5, 1.0, 1.5}) {
    const auto count = static_cast<double>(std::count(values.begin(), values.end(), factor));
    const double share = count / static_cast<double>(kDraws);
    CHECK(std::abs(share - 1.0 / 3) < kErrors * std::sqrt(2.0 / 9 / kDraws));
  }
}

TEST_CASE("noise: one empirical factor leaves service times as they are" *
          doctest::test_suite("slow")) {
  const std::vector<double> values = draws({.kind = Noise::Kind::empirical, .factors = {1}}, 8);
  CHECK(std::count(values.begin(), values.end(), 1.0) == kDraws);
}

TEST_CASE("noise: draws are independent" * doctest::test_suite("slow")) {
  // The correlation of successive draws of n independent ones has a standard error of 1 / sqrt(n).
  const std::vector<double> values = draws({Noise::Kind::exponential}, 6);
  double products = 0;
  for (std::size_t i = 1; i < values.size(); ++i) {
    products += (values[i] - 1) * (values[i - 1] - 1);
  }
  CHECK(std::abs(products / static_cast<double>(kDraws)) < kErrors / std::sqrt(kDraws));
}

TEST_CASE("noise: each device, and each tier, draws from a stream of its own") {
  const auto arrivals = make_arrivals("periodic", {{"period", 100}, {"spread", 0}});
  const Noise exponential{Noise::Kind::exponential};
  const Recorded recorded = record(
      {.tiers = {{.name = "device",
                  .servers = 2,
                  .used = true,
                  .service = Seconds(1),
                  .noise = exponential},
                 {.name = "cloud", .used = true, .service = Seconds(1), .noise = exponential}},
       .hops = {{.name = "up",
                 .hop = {BytesPerSecond(1), BytesPerSecond(1), Seconds(0)},
                 .goes_up = true}},
       .arrivals = arrivals.get(),
       .stop = {.requests = 2}});
  const double first = recorded.requests[0].device_compute.si();
  const double second = recorded.requests[1].device_compute.si();
  CHECK(first != second);
  CHECK(recorded.requests[0].server_compute.si() != first);
  CHECK(recorded.requests[0].server_compute.si() != second);
}

}  // namespace offcut::engine::noise_test
