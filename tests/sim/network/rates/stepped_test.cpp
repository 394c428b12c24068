// Steps over time, compared with a walk through a list of all of them.

#include "sim/network/rates/stepped.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "../../engine/random_parts.h"

namespace offcut::network::stepped_test {
namespace {

constexpr double kNoTime = std::numeric_limits<double>::infinity();

Rate rate_of(std::vector<double> from, std::vector<double> values, double end,
             Stepped::AtEnd at_end, double offset = 0) {
  return Rate(std::make_shared<Stepped>(
      std::make_shared<Steps>(std::move(from), std::move(values), end), at_end, offset));
}

}  // namespace

TEST_CASE("stepped: a trace begins again at its end") {
  const Rate rate = rate_of({0, 2, 3}, {10, 0, 5}, 4, Stepped::AtEnd::repeat);
  CHECK(rate.at(0) == 10);
  CHECK(rate.at(2) == 0);
  CHECK(rate.at(3.5) == 5);
  CHECK(rate.at(4) == 10);
  CHECK(rate.at(4e6 + 2.5) == 0);
  CHECK(rate.next_change(0) == 2);
  CHECK(rate.next_change(3) == 4);
  CHECK(rate.next_change(4) == 6);
  CHECK(rate.integral(0, 4) == 25);
  CHECK(rate.integral(1, 4e6 + 1) == 25e6);
  CHECK(rate.when(1, 12) == doctest::Approx(3.4));  // 10 until 2, nothing until 3, 2 at 5.
  CHECK(rate.least() == 0);
  CHECK(rate.most() == 10);
  CHECK(!rate.ends_at_zero());
}

TEST_CASE("stepped: the last row may hold for good, and an offset begins later in the trace") {
  const Rate rate = rate_of({0, 2, 3}, {10, 0, 5}, 4, Stepped::AtEnd::hold, 2.5);
  CHECK(rate.at(0) == 0);
  CHECK(rate.next_change(0) == 0.5);
  CHECK(rate.at(0.5) == 5);
  CHECK(rate.next_change(0.5) == kNoTime);
  CHECK(rate.integral(0, 100.5) == 500);
  CHECK(rate_of({0, 1}, {3, 0}, 2, Stepped::AtEnd::hold).ends_at_zero());
  CHECK(rate_of({0}, {0}, 2, Stepped::AtEnd::repeat).ends_at_zero());
  CHECK(rate_of({0, 1}, {3, 0}, 2, Stepped::AtEnd::repeat, 1.5).at(0.25) == 0);
}

TEST_CASE("stepped: neighbours of one value are one step, and a single one never changes") {
  const Steps steps({0, 1, 2, 3}, {4, 4, 7, 7}, 5);
  CHECK(steps.count() == 2);
  CHECK(steps.before(2) == 29);
  CHECK(steps.mean() == doctest::Approx(5.8));
  CHECK(rate_of({0, 1}, {4, 4}, 2, Stepped::AtEnd::repeat).next_change(0) == kNoTime);
}

TEST_CASE("stepped: random steps at random times equal a walk through all of them") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    engine::Draws draws(seed, "random steps");
    std::vector<double> from = {0}, values;
    const std::size_t count = draws.from_one_to(12);
    for (std::size_t i = 1; i < count; ++i) {
      from.push_back(from.back() + draws.between(1e-3, 1));
    }
    for (std::size_t i = 0; i < count; ++i) {
      values.push_back(draws.one_in(4) ? 0 : draws.between(1, 1e6));
    }
    const double end = from.back() + draws.between(1e-3, 1);
    const double offset = draws.one_in(2) ? 0 : draws.between(1e-3, 30);
    const bool repeats = draws.one_in(2);
    const Stepped rate(std::make_shared<Steps>(from, values, end),
                       repeats ? Stepped::AtEnd::repeat : Stepped::AtEnd::hold, offset);
    const auto naive = [&](double time) {
      double inner = time + offset;
      inner = repeats ? inner - std::floor(inner / end) * end : inner;
      std::size_t step = 0;
      while (step + 1 < count && from[step + 1] <= inner) {
        ++step;
      }
      return values[step];
    };
    // Changes are seen exactly at their time, from whichever side the rate is asked.
    double time = 0, sum = 0;
    for (int i = 0; i < 200; ++i) {
      const double next = rate.next_change(time);
      if (next == kNoTime) {
        break;
      }
      REQUIRE(next > time);
      const double middle = time + (next - time) / 2;
      CHECK(rate.at(time) == naive(middle));
      CHECK(rate.at(middle) == naive(middle));
      CHECK(rate.at(std::nextafter(next, 0.0)) == naive(middle));
      sum += naive(middle) * (next - time);
      time = next;
      CHECK(rate.integral(0, time) == doctest::Approx(sum).epsilon(1e-10));
    }
    const double a = draws.between(1e-3, 50), b = a + draws.between(1e-3, 500);
    CHECK(rate.integral(a, b) ==
          doctest::Approx(rate.integral(0, b) - rate.integral(0, a)).epsilon(1e-9));
  }
}

}  // namespace offcut::network::stepped_test
