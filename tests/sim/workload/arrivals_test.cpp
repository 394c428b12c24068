// The contract of every registered arrival process.

#include "sim/workload/arrivals.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "../../temporary_folder.h"

namespace offcut::workload::arrivals_test {
namespace {

const Registry<ArrivalKind>& kinds() {
  static const Registry<ArrivalKind> all = [] {
    Registry<ArrivalKind> registry;
    register_arrivals(registry);
    return registry;
  }();
  return all;
}

/// Returns required parameters (times, rates) at 2 or near it, and defaults of the others. Files
/// are traces of two devices.
Parameters some_parameters(const ArrivalKind& kind, const TemporaryFolder& folder) {
  Parameters values = defaults(kind.parameters);
  for (const ParameterSpec& spec : kind.parameters) {
    if (spec.is_file) {
      values.set(spec.name, folder.write("trace.csv", "time_s,device\n1,0\n1,1\n2.5,0\n3,1\n"));
    } else if (!spec.fallback && spec.instead_of.empty()) {
      values.set(spec.name, std::clamp(2.0, spec.least, spec.most));
    }
  }
  return values;
}

ArrivalSource source(std::uint64_t seed, std::size_t device) {
  return {.number = device, .stream = random_stream(seed, "arrivals", device)};
}

/// Returns the next time of the source.
double step(const Arrivals& arrivals, ArrivalSource& state, double now) {
  return std::isfinite(now) ? arrivals.next(Seconds(now), state).si() : now;
}

std::vector<double> draw(const Arrivals& arrivals, ArrivalSource state) {
  std::vector<double> times;
  for (double now = 0; times.size() < 1000; times.push_back(now)) {
    now = step(arrivals, state, now);
  }
  return times;
}

}  // namespace

TEST_CASE("arrivals: each kind never goes back in time, and depends on its source alone") {
  CHECK(kinds().size() >= 8);
  for (const auto& [name, kind] : kinds()) {
    INFO(name);
    CHECK(!kind.doc.empty());
    const TemporaryFolder folder;
    const auto arrivals = kind.make(some_parameters(kind, folder));
    const std::vector<double> times = draw(*arrivals, source(1, 0));
    CHECK(times.front() >= 0);
    CHECK(std::is_sorted(times.begin(), times.end()));
    CHECK(draw(*arrivals, source(1, 0)) == times);
    CHECK(draw(*kind.make(some_parameters(kind, folder)), source(1, 0)) == times);
  }
}

TEST_CASE("arrivals: sources that take turns do not affect each other") {
  for (const auto& [name, kind] : kinds()) {
    INFO(name);
    const TemporaryFolder folder;
    const auto arrivals = kind.make(some_parameters(kind, folder));
    std::vector<ArrivalSource> sources = {source(1, 0), source(1, 1)};
    std::vector<double> now = {0, 0};
    const std::vector<std::vector<double>> alone = {draw(*arrivals, source(1, 0)),
                                                    draw(*arrivals, source(1, 1))};
    for (std::size_t i = 0; i < 1000; ++i) {
      for (std::size_t device = 0; device < 2; ++device) {
        now[device] = step(*arrivals, sources[device], now[device]);
        REQUIRE(now[device] == alone[device][i]);
      }
    }
  }
}

TEST_CASE("arrivals: open kinds have the rate that they state") {
  constexpr double kDay = 86'400;
  for (const auto& [name, kind] : kinds()) {
    INFO(name);
    const TemporaryFolder folder;
    const Parameters parameters = some_parameters(kind, folder);
    const double rate = kind.rate(parameters).si();
    const auto arrivals = kind.make(parameters);
    if (kind.closed_loop || std::isinf(draw(*arrivals, source(1, 0)).back())) {
      CHECK(rate == 0);
      continue;
    }
    double count = 0;
    constexpr std::uint64_t kDevices = 10;
    for (std::uint64_t device = 0; device < kDevices; ++device) {
      ArrivalSource state = source(2, device);
      for (double now = step(*arrivals, state, 0); now < kDay; now = step(*arrivals, state, now)) {
        ++count;
      }
    }
    // Five standard errors, for gaps with a coefficient of variation of at most 2.
    const double expected = rate * kDay * kDevices;
    CHECK(std::abs(count - expected) < 5 * 2 * std::sqrt(expected));
  }
}

}  // namespace offcut::workload::arrivals_test
