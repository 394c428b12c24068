#include "sim/network/rate.h"

#include <doctest/doctest.h>

#include <limits>

#include "steps.h"

namespace offcut::network::rate_test {
namespace {

constexpr double kNoTime = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("rate: a constant is the same at all times") {
  const Rate rate(BytesPerSecond(4));
  CHECK(rate.at(0) == 4);
  CHECK(rate.at(1e9) == 4);
  CHECK(rate.next_change(3) == kNoTime);
  CHECK(rate.least() == 4);
  CHECK(rate.most() == 4);
  CHECK(rate.integral(1, 3.5) == 10);
  CHECK(rate.when(1, 10) == 3.5);
  CHECK(rate.time_for(1, 10) == 2.5);
  CHECK(rate.time_for(1e9, 0.1) == 0.1 / 4);  // Exact, however late.
  CHECK(rate.mean(2, 2) == 4);
  CHECK(rate.mean(2, 7) == 4);
}

TEST_CASE("rate: steps add up piece by piece, and the inverse undoes it") {
  // 10 until 4, nothing until 6, then 2: 40 B by 4 and by 6, 42 B by 7.
  const Rate rate = rate_of_steps({{0, 10}, {4, 0}, {6, 2}});
  CHECK(rate.at(3.9) == 10);
  CHECK(rate.at(4) == 0);
  CHECK(rate.next_change(0) == 4);
  CHECK(rate.next_change(4) == 6);
  CHECK(rate.next_change(6) == kNoTime);
  CHECK(rate.least() == 0);
  CHECK(rate.most() == 10);
  CHECK(rate.integral(0, 4) == 40);
  CHECK(rate.integral(3, 7) == 12);
  CHECK(rate.integral(4.5, 5.5) == 0);
  CHECK(rate.integral(5, 5) == 0);
  CHECK(rate.mean(0, 8) == 5.5);
  CHECK(rate.when(0, 40) == 4);
  CHECK(rate.when(3, 12) == 7);
  CHECK(rate.when(4.5, 0) == 4.5);
  CHECK(rate.time_for(3, 12) == 4);
  CHECK(rate.time_for(4.5, 0) == 0);
  for (const double amount : {0.5, 9.0, 10.0, 10.5, 200.0}) {
    CHECK(rate.integral(3, rate.when(3, amount)) == doctest::Approx(amount));
  }
}

TEST_CASE("rate: an amount that is through just when the rate drops to 0 does not wait") {
  const Rate rate = rate_of_steps({{0, 1e6}, {1, 0}, {30, 1e6}});
  REQUIRE((1 - 0.9) * 1e6 < 1e5);  // Rounding leaves a rest of 1e-11.
  CHECK(rate.when(0.9, 1e5) == 1);
  CHECK(rate.when(0.9, 1e5 + 1) == doctest::Approx(30 + 1e-6));
}

TEST_CASE("rate: the time for an amount that never gets through is infinite") {
  const Rate rate = rate_of_steps({{0, 10}, {4, 0}});
  CHECK(rate.when(0, 40) == 4);
  CHECK(rate.when(0, 41) == kNoTime);
  CHECK(Rate(0.0).when(3, 1) == kNoTime);
  CHECK(Rate(0.0).when(3, 0) == 3);
  CHECK(Rate(0.0).time_for(3, 1) == kNoTime);
  CHECK(Rate(0.0).time_for(3, 0) == 0);
}

TEST_CASE("rate: an equal part changes when the whole or its limit does") {
  // Half of 10 until 4 and of 2 from then on, but at most 3, and at most 0.5 from 6 on.
  const Rate whole = rate_of_steps({{0, 10}, {4, 2}}), limit = rate_of_steps({{0, 3}, {6, 0.5}});
  const EqualPart part{whole, limit, 2};
  CHECK(part.at(0) == 3);
  CHECK(part.at(4) == 1);
  CHECK(part.at(6) == 0.5);
  CHECK(part.next_change(0) == 4);
  CHECK(part.next_change(4) == 6);
  CHECK(part.integral(0, 8) == 15);
  CHECK(part.when(0, 15) == 8);
}

}  // namespace offcut::network::rate_test
