#include <doctest/doctest.h>

#include <cmath>

#include "../arrival_times.h"

namespace offcut::workload::poisson_test {

TEST_CASE("poisson: exponential gaps with the mean of the rate, also the first one") {
  const Process process("poisson", {{"rate", 4}});
  const auto exponential = [](double t) { return 1 - std::exp(-4 * t); };
  CHECK(fits(process.gaps(100'000), exponential));
  CHECK(fits(process.firsts(10'000), exponential));
}

TEST_CASE("poisson: states its rate") {
  CHECK(Process("poisson", {{"rate", 4}}).rate() == PerSecond(4));
}

}  // namespace offcut::workload::poisson_test
