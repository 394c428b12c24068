#include "sim/network/rates.h"

#include <doctest/doctest.h>

#include <limits>

#include "steps.h"

namespace offcut::network::rates_test {

TEST_CASE("rates: one rate stands for all resources") {
  const Rates rates = Rate(4.0);
  CHECK(rates.is_common());
  CHECK(rates.covers(1));
  CHECK(rates.covers(1000));
  CHECK(rates[0].at(0) == 4);
  CHECK(rates[999].at(0) == 4);
  CHECK(rates.least() == 4);
  CHECK(rates.most() == 4);
  CHECK(rates.mean(1, 3) == 4);
  CHECK(rates.mean_when(1, 0.1) == Rate(4.0).when(1, 0.1));  // To the last bit.
}

TEST_CASE("rates: each resource has its own") {
  // 10 until 4, then 2; always 5.
  const Rates rates(std::vector{rate_of_steps({{0, 10}, {4, 2}}), Rate(5.0)});
  CHECK(!rates.is_common());
  CHECK(rates.covers(2));
  CHECK(!rates.covers(1));
  CHECK(!rates.covers(3));
  CHECK(rates[0].at(0) == 10);
  CHECK(rates[0].at(4) == 2);
  CHECK(rates[1].at(4) == 5);
  CHECK(rates.least() == 2);
  CHECK(rates.all([](const Rate& rate) { return rate.least() >= 2; }));
  CHECK(!rates.all([](const Rate& rate) { return rate.least() >= 3; }));
  CHECK(rates.most() == 10);
  CHECK(rates.mean(0, 8) == 5.5);        // The mean of 6 and 5.
  CHECK(rates.mean(4, 4) == 3.5);        // The mean of 2 and 5.
  CHECK(rates.mean_when(0, 50) == 9.5);  // 9 (40 by 4, then 10 at 2) and 10.
  CHECK(Rates(std::vector{Rate(0.0), Rate(1.0)}).mean_when(0, 1) ==
        std::numeric_limits<double>::infinity());
}

}  // namespace offcut::network::rates_test
