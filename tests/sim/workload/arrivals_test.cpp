// What every registered arrival process must do.

#include "sim/workload/arrivals.h"

#include <doctest/doctest.h>

namespace offcut {
namespace {

/// Required parameters (times, rates) at 2, the others at their defaults.
Parameters some_parameters(const ArrivalKind& kind) {
  Parameters values = defaults(kind.parameters);
  for (const ParameterSpec& spec : kind.parameters) {
    if (!spec.fallback) {
      values.set(spec.name, 2);
    }
  }
  return values;
}

std::vector<double> draw(const Arrivals& arrivals, std::uint64_t seed, std::uint64_t device) {
  RandomStream stream = random_stream(seed, "arrivals", device);
  std::vector<double> times = {arrivals.first(stream).si()};
  for (int i = 0; i < 1000; ++i) {
    times.push_back(arrivals.gap(stream).si());
  }
  return times;
}

}  // namespace

TEST_CASE("arrivals: each kind never goes back in time, and repeats from its stream alone") {
  Registry<ArrivalKind> registry;
  register_arrivals(registry);
  CHECK(registry.size() >= 3);
  for (const auto& [name, kind] : registry) {
    INFO(name);
    CHECK(!kind.doc.empty());
    const auto arrivals = kind.make(some_parameters(kind));
    const std::vector<double> times = draw(*arrivals, 1, 0);
    for (const double time : times) {
      CHECK(time >= 0);
    }
    draw(*arrivals, 1, 1);  // another device in between: nothing is remembered
    CHECK(draw(*arrivals, 1, 0) == times);
    CHECK(draw(*kind.make(some_parameters(kind)), 1, 0) == times);
  }
}

TEST_CASE("arrivals: open kinds come at the rate that they say") {
  Registry<ArrivalKind> registry;
  register_arrivals(registry);
  for (const auto& [name, kind] : registry) {
    INFO(name);
    const Parameters parameters = some_parameters(kind);
    const double rate = kind.rate(parameters).si();
    if (kind.closed_loop) {
      CHECK(rate == 0);
      continue;
    }
    const auto arrivals = kind.make(parameters);
    double sum = 0;
    for (std::uint64_t device = 0; device < 50; ++device) {
      const std::vector<double> gaps = draw(*arrivals, 2, device);
      for (std::size_t i = 1; i < gaps.size(); ++i) {
        sum += gaps[i];
      }
    }
    // 50,000 gaps; with a coefficient of variation of up to 1, five standard errors are 2.3 %.
    CHECK(sum / 50'000 * rate == doctest::Approx(1).epsilon(0.023));
  }
}

}  // namespace offcut
