// Bandwidth and load estimators against hand computations.

#include <doctest/doctest.h>

#include <cmath>

#include "../scheduling/policy.h"
#include "sim/adapt/estimator.h"
#include "sim/adapt/load_estimator.h"

namespace offcut::adapt::estimators_test {
namespace {

const Registry<EstimatorKind>& estimators() {
  static const auto all = scheduling::registered(register_estimators);
  return all;
}

const Registry<LoadEstimatorKind>& loads() {
  static const auto all = scheduling::registered(register_loads);
  return all;
}

std::unique_ptr<Estimator> estimator(const std::string& name, scheduling::Values given = {}) {
  return scheduling::policy(estimators(), name, given);
}

/// A transfer of so many bytes in a second that ends then.
Transfer at(double end, double rate) { return {Seconds(end - 1), Seconds(end), Bytes(rate)}; }

double estimate_after(Estimator& estimator, std::initializer_list<Transfer> transfers) {
  for (const Transfer& transfer : transfers) {
    estimator.observe(transfer);
  }
  return estimator.rate().value().si();
}

}  // namespace

TEST_CASE("estimators: the rate of a transfer is its bytes over its time") {
  CHECK(Transfer{Seconds(2), Seconds(6), Bytes(10)}.rate().si() == 2.5);
}

TEST_CASE("estimators: means of 100, 200 and 400 B/s") {
  const auto transfers = {at(1, 100), at(2, 200), at(3, 400)};
  CHECK(estimate_after(*estimator("last"), transfers) == 400);
  CHECK(estimate_after(*estimator("mean"), transfers) == doctest::Approx(700.0 / 3));
  // The harmonic mean is 3 / (1/100 + 1/200 + 1/400) = 3 / (7/400).
  CHECK(estimate_after(*estimator("harmonic"), transfers) == doctest::Approx(1200.0 / 7));
  // Only the last two count.
  CHECK(estimate_after(*estimator("mean", {{"transfers", 2}}), transfers) == 300);
  CHECK(estimate_after(*estimator("harmonic", {{"transfers", 2}}), transfers) ==
        doctest::Approx(800.0 / 3));
  // 100; + 0.5 * 100 = 150; + 0.5 * 250 = 275.
  CHECK(estimate_after(*estimator("ewma", {{"weight", 0.5}}), transfers) == 275);
}

TEST_CASE("estimators: two steps of the Kalman filter") {
  // The first measurement is the state, with the noise's variance 0.04. A second later the variance
  // is 0.04 + 0.09 = 0.13, the gain 0.13 / 0.17, and the state moves by it towards ln 200.
  const auto kalman = estimator("kalman", {{"drift", 0.3}, {"noise", 0.2}});
  CHECK(estimate_after(*kalman, {at(1, 100)}) == doctest::Approx(100));
  const double gain = 0.13 / 0.17;
  CHECK(estimate_after(*kalman, {at(2, 200)}) ==
        doctest::Approx(100 * std::pow(2, gain)).epsilon(1e-12));
  // Then the variance is 0.13 * (1 - gain); two seconds later it has grown by 0.18.
  const double variance = 0.13 * (1 - gain) + 0.18;
  const double second = variance / (variance + 0.04);
  const double state = std::log(100) + gain * std::log(2);
  CHECK(estimate_after(*kalman, {at(4, 50)}) ==
        doctest::Approx(std::exp(state + second * (std::log(50) - state))).epsilon(1e-12));
}

TEST_CASE("estimators: each has no estimate at first, and a constant rate is its estimate") {
  CHECK(estimators().size() >= 6);
  for (const auto& [name, kind] : estimators()) {
    CAPTURE(name);
    if (kind.make == nullptr) {
      CHECK(name == "oracle");
      continue;
    }
    const auto one = estimator(name);
    CHECK(!one->rate());
    for (int i = 1; i <= 20; ++i) {
      one->observe(at(i, 1234.5));
      CHECK(one->rate().value().si() == doctest::Approx(1234.5).epsilon(1e-12));
    }
    // An estimate is between the rates that it has seen.
    one->observe(at(21, 100));
    CHECK(one->rate().value().si() <= 1234.5 * (1 + 1e-12));
    CHECK(one->rate().value().si() >= 100);
  }
}

TEST_CASE("load estimators: Neurosurgeon's K and the mean wait") {
  const auto ratio = scheduling::policy(loads(), "ratio", {{"weight", 0.5}});
  CHECK(ratio->load() == Load{});
  ratio->observe({Seconds(1), Seconds(2), Seconds(2)});  // K = 1.5
  CHECK(ratio->load() == Load{1.5, Seconds(0)});
  ratio->observe({Seconds(4), Seconds(3), Seconds(2)});  // 3.5: half of the way there.
  CHECK(ratio->load() == Load{2.5, Seconds(0)});
  const auto wait = scheduling::policy(loads(), "wait", {{"weight", 0.25}});
  CHECK(wait->load() == Load{});
  wait->observe({Seconds(4), Seconds(3), Seconds(2)});
  CHECK(wait->load() == Load{1, Seconds(4)});
  wait->observe({Seconds(0), Seconds(3), Seconds(2)});
  CHECK(wait->load() == Load{1, Seconds(3)});
}

}  // namespace offcut::adapt::estimators_test
