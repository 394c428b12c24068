#include <doctest/doctest.h>

#include <cmath>

#include "../arrival_times.h"

namespace offcut::workload::closed_loop_test {

TEST_CASE("closed-loop: exponential think times, also before the first request") {
  const Process process("closed-loop", {{"think", 0.5}});
  const auto exponential = [](double t) { return 1 - std::exp(-2 * t); };
  CHECK(fits(process.gaps(100'000), exponential));
  CHECK(fits(process.firsts(10'000), exponential));
  CHECK(process.rate() == PerSecond(0));
}

TEST_CASE("closed-loop: without think time, at once") {
  CHECK(Process("closed-loop", {{"think", 0}}).times(3) == std::vector<double>{0, 0, 0});
}

}  // namespace offcut::workload::closed_loop_test
