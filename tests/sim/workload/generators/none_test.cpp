#include <doctest/doctest.h>

#include <limits>

#include "../arrival_times.h"

namespace offcut::workload::none_test {

TEST_CASE("none: no request arrives, at no rate") {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  const Process process("none", {});
  CHECK(process.times(2, 3) == std::vector<double>{kNever, kNever});
  CHECK(process.rate() == PerSecond(0));
}

}  // namespace offcut::workload::none_test
