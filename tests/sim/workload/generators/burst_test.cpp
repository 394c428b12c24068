#include <doctest/doctest.h>

#include <limits>

#include "../arrival_times.h"

namespace offcut::workload::burst_test {

TEST_CASE("burst: several requests at the start, and no more") {
  constexpr double kNone = std::numeric_limits<double>::infinity();
  const Process process("burst", {{"size", 3}});
  CHECK(process.times(5, 0) == std::vector<double>{0, 0, 0, kNone, kNone});
  CHECK(process.rate() == PerSecond(0));
}

TEST_CASE("burst: again and again") {
  const Process process("burst", {{"size", 2}, {"every", 8}});
  CHECK(process.times(5, 1) == std::vector<double>{0, 0, 8, 8, 16});
  CHECK(process.rate() == PerSecond(0.25));
}

}  // namespace offcut::workload::burst_test
