#include "analysis/theory.h"

#include <doctest/doctest.h>

#include <stdexcept>

namespace offcut {

TEST_CASE("theory: one server at load 0.8") {
  // With a mean service of 1: M/M/1 0.8 / 0.2 = 4, M/D/1 half of it; cv 2: 4 * (1 + 4) / 2 = 10.
  CHECK(mm1_wait(PerSecond(0.8), Seconds(1)).si() == doctest::Approx(4));
  CHECK(md1_wait(PerSecond(0.8), Seconds(1)).si() == doctest::Approx(2));
  CHECK(mg1_wait(PerSecond(0.8), Seconds(1), 2).si() == doctest::Approx(10));
  // Times scale with the service time at the same load.
  CHECK(mm1_wait(PerSecond(800), Seconds(0.001)).si() == doctest::Approx(0.004));
}

TEST_CASE("theory: no arrivals, no wait") {
  CHECK(mm1_wait(PerSecond(0), Seconds(1)) == Seconds(0));
  CHECK(erlang_c(3, 0) == 0);
}

TEST_CASE("theory: Erlang C") {
  // One server: the probability to wait is the load. Two: 2 rho^2 / (1 + rho) (from Erlang's sum).
  CHECK(erlang_c(1, 0.3) == doctest::Approx(0.3));
  CHECK(erlang_c(2, 0.5) == doctest::Approx(2 * 0.25 / 1.5));
  // Three servers, load 0.8, a = 2.4: a^3 / 3! / (1 - 0.8) = 11.52; 1 + a + a^2 / 2 = 6.28;
  // 11.52 / (6.28 + 11.52).
  CHECK(erlang_c(3, 0.8) == doctest::Approx(11.52 / 17.8));
  // Four at 0.8, as printed in tables: 0.59643.
  CHECK(erlang_c(4, 0.8) == doctest::Approx(0.59643).epsilon(1e-5));
}

TEST_CASE("theory: several servers") {
  // M/M/4 at load 0.8: a sojourn of 1.74554 services, so a wait of 0.74554.
  CHECK(mmc_wait(PerSecond(3.2), Seconds(1), 4).si() == doctest::Approx(0.74554).epsilon(1e-5));
  CHECK(mmc_wait(PerSecond(0.8), Seconds(1), 1).si() ==
        doctest::Approx(mm1_wait(PerSecond(0.8), Seconds(1)).si()));
}

TEST_CASE("theory: at a load of 1 there is no long run") {
  CHECK_THROWS_WITH_AS(mm1_wait(PerSecond(2), Seconds(0.5)),
                       "a load of 1 has no long run, expected 0 to 1", std::invalid_argument);
  CHECK_THROWS_AS(erlang_c(2, 1.5), std::invalid_argument);
  CHECK_THROWS_AS(mmc_wait(PerSecond(4), Seconds(1), 4), std::invalid_argument);
}

}  // namespace offcut
