#include <doctest/doctest.h>

#include <algorithm>

#include "../arrival_times.h"

namespace offcut::workload::periodic_test {

TEST_CASE("periodic: a request every period, whatever the stream") {
  const Process process("periodic", {{"period", 8}, {"spread", 0}});
  CHECK(process.times(5, 0) == std::vector<double>{0, 8, 16, 24, 32});
  CHECK(process.times(5, 1) == process.times(5, 0));
}

TEST_CASE("periodic: first requests are uniform over that fraction of a period") {
  CHECK(Process("periodic", {{"period", 8}, {"spread", 0}}).firsts(1000) ==
        std::vector<double>(1000, 0));
  for (const double spread : {0.25, 1.0}) {
    const auto uniform = [&](double t) { return std::clamp(t / (8 * spread), 0.0, 1.0); };
    CHECK(fits(Process("periodic", {{"period", 8}, {"spread", spread}}).firsts(10'000), uniform));
  }
}

TEST_CASE("periodic: jitter is uniform over its fraction of a period, from a fixed grid") {
  for (const double jitter : {0.3, 1.0}) {
    const std::vector<double> times =
        Process("periodic", {{"period", 8}, {"spread", 0}, {"jitter", jitter}}).times(100'000);
    std::vector<double> late;
    for (std::size_t i = 0; i < times.size(); ++i) {
      late.push_back(times[i] - 8 * static_cast<double>(i));
    }
    CHECK(std::is_sorted(times.begin(), times.end()));
    CHECK(fits(late, [&](double t) { return std::clamp(t / (8 * jitter), 0.0, 1.0); }));
  }
}

TEST_CASE("periodic: states its rate, by which it may be given") {
  CHECK(Process("periodic", {{"period", 8}}).rate() == PerSecond(0.125));
  CHECK(Process("periodic", {{"rate", 0.125}}).rate() == PerSecond(0.125));
  CHECK(Process("periodic", {{"rate", 0.125}, {"spread", 0}}).times(3) ==
        std::vector<double>{0, 8, 16});
}

}  // namespace offcut::workload::periodic_test
