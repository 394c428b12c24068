#include <doctest/doctest.h>

#include <algorithm>

#include "../../engine/recorded.h"

namespace offcut {
namespace {

/// First requests of many devices with a period of 8 s.
std::vector<double> first_requests(double spread) {
  const auto arrivals = make_arrivals("periodic", {{"period", 8}, {"spread", spread}});
  std::vector<double> times;
  for (std::uint64_t device = 0; device < 1000; ++device) {
    RandomStream stream = random_stream(1, "arrivals", device);
    times.push_back(arrivals->first(stream).si());
  }
  return times;
}

}  // namespace

TEST_CASE("periodic: a request every period, whatever the stream") {
  const auto arrivals = make_arrivals("periodic", {{"period", 8}});
  RandomStream stream = random_stream(1, "arrivals");
  for (int i = 0; i < 10; ++i) {
    CHECK(arrivals->gap(stream) == Seconds(8));
  }
}

TEST_CASE("periodic: first requests are spread over that part of a period") {
  CHECK(first_requests(0) == std::vector<double>(1000, 0));
  for (const double spread : {0.25, 1.0}) {
    const std::vector<double> times = first_requests(spread);
    const auto [least, most] = std::minmax_element(times.begin(), times.end());
    CHECK(*least >= 0);
    CHECK(*most < 8 * spread);
    // Of 1,000 uniform ones, none in the first or last 2 % has a probability of 0.98^1000 = 2e-9.
    CHECK(*least < 0.02 * 8 * spread);
    CHECK(*most > 0.98 * 8 * spread);
  }
}

TEST_CASE("periodic: says its rate") {
  Registry<ArrivalKind> registry;
  register_arrivals(registry);
  Parameters parameters;
  parameters.set("period", 8);
  CHECK(registry.find("periodic")->rate(parameters) == PerSecond(0.125));
}

}  // namespace offcut
