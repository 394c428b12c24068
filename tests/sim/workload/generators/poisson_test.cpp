#include <doctest/doctest.h>

#include <cmath>

#include "../../engine/recorded.h"

namespace offcut {

TEST_CASE("poisson: exponential gaps with the mean of the rate, the first one too") {
  const auto arrivals = make_arrivals("poisson", {{"rate", 4}});
  RandomStream stream = random_stream(1, "arrivals");
  constexpr int kDraws = 100'000;
  double sum = 0;
  int above = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double gap = arrivals->gap(stream).si();
    sum += gap;
    above += gap > 0.25 ? 1 : 0;
  }
  // Five standard errors: 0.25 / sqrt(n) of the mean, sqrt(p (1 - p) / n) of P(gap > mean) = 1 / e.
  CHECK(std::abs(sum / kDraws - 0.25) < 5 * 0.25 / std::sqrt(kDraws));
  const double p = std::exp(-1.0);
  CHECK(std::abs(static_cast<double>(above) / kDraws - p) < 5 * std::sqrt(p * (1 - p) / kDraws));

  RandomStream again = random_stream(1, "arrivals");
  RandomStream same = random_stream(1, "arrivals");
  CHECK(arrivals->first(again) == arrivals->gap(same));
}

TEST_CASE("poisson: says its rate") {
  Registry<ArrivalKind> registry;
  register_arrivals(registry);
  Parameters parameters;
  parameters.set("rate", 4);
  CHECK(registry.find("poisson")->rate(parameters) == PerSecond(4));
}

}  // namespace offcut
