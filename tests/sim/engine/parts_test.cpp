// The parts of a request's time by tier and hop.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "random_simulation.h"
#include "sim/study/isolate.h"
#include "small_systems.h"

namespace offcut::engine::parts_test {
namespace {

std::string text_of(const RequestParts& parts) {
  std::string text;
  for (const TierPart& part : parts.tiers) {
    text += fmt::format("{:.10g}+{:.10g}@{} ", part.wait.si(), part.compute.si(), part.server);
  }
  for (const HopPart& part : parts.hops) {
    text += fmt::format("{:.10g}/{:.10g} ", part.up.si(), part.down.si());
  }
  return text;
}

/// Returns the largest difference between the sums of the parts and the record's own figures.
double difference(const RequestRecord& request, const RequestParts& parts) {
  TierPart later;
  HopPart all;
  for (const TierPart& part : parts.tiers.subspan(1)) {
    later.wait += part.wait;
    later.compute += part.compute;
  }
  for (const HopPart& part : parts.hops) {
    all.up += part.up;
    all.down += part.down;
  }
  const auto gap = [](Seconds a, Seconds b) { return std::abs(a.si() - b.si()); };
  return std::max({gap(parts.tiers[0].wait, request.device_wait),
                   gap(parts.tiers[0].compute, request.device_compute),
                   gap(later.wait, request.server_wait), gap(later.compute, request.server_compute),
                   gap(all.up, request.upload), gap(all.down, request.download)});
}

/// Runs it in a process of its own, and returns what `observe` makes of its requests, in order.
std::string observed(
    const Simulation& simulation,
    const std::function<std::string(const RequestRecord&, const RequestParts&)>& observe) {
  const study::IsolatedJob job = [&](const ProgressSink&) {
    std::string text;
    Observers observers;
    observers.request_parts = [&](const RequestRecord& request, const RequestParts& parts) {
      text += observe(request, parts);
    };
    simulate(simulation, observers);
    return text;
  };
  return study::run_isolated({job}, 1).front();
}

}  // namespace

TEST_CASE("parts: three tiers whose directions all differ") {
  // Two requests at 0 of devices 0 and 1. Device: 1 s. First hop, each its own link of 4 B/s up and
  // 5 B/s down: 8 B in 2 s up, 5 B in 1 s down, and 0.5 s each of latency. Edge, two servers with a
  // queue: 3 s each. Second hop, shared, 10 B/s up and 20 B/s down: 10 B each up, together 2 s, 20
  // B each down, and 0.25 s of latency. Cloud: 4 s, one after another, so that the second one waits
  // 4 s. The device computes a tail of 0.125 s.
  const Times arrivals{{0}, {0}};
  Simulation simulation = system_of(2, {.servers = 2}, {asks(arrivals, {3}, 8)});
  simulation.tiers.push_back({.name = "cloud"});
  simulation.hops[0].hop = {BytesPerSecond(4), BytesPerSecond(5), Seconds(0.5)};
  simulation.hops.push_back({.name = "wan",
                             .hop = {BytesPerSecond(10), BytesPerSecond(20), Seconds(0.25)},
                             .shared = true});
  Itinerary& itinerary = simulation.itinerary_of(0);
  itinerary.stages[0] = {.used = true, .service = {Seconds(1)}, .tail = Seconds(0.125)};
  itinerary.stages.push_back({.used = true, .service = {Seconds(4)}});
  itinerary.crossings[0].comes_down = true;
  itinerary.crossings[0].down_bytes = Bytes(5);
  itinerary.crossings.push_back(
      {.goes_up = true, .up_bytes = Bytes(10), .comes_down = true, .down_bytes = Bytes(20)});
  CHECK(observed(simulation,
                 [](const RequestRecord& request, const RequestParts& parts) {
                   return fmt::format("{} {:.10g}: {}\n", request.device, request.latency().si(),
                                      text_of(parts));
                 }) ==
        "0 15.625: 0+1.125@0 0+3@0 0+4@0 2.5/1.5 2.25/1.25 \n"
        "1 19.625: 0+1.125@1 0+3@1 4+4@0 2.5/1.5 2.25/1.25 \n");
}

TEST_CASE("parts: they add up in 300 random systems with failures and batches" *
          doctest::test_suite("slow")) {
  std::int64_t answered = 0;
  for (std::uint64_t seed = 2001; seed <= 2300; ++seed) {
    const RandomSimulation random(seed);
    INFO(describe(random.simulation));
    const std::string text =
        observed(random.simulation, [](const RequestRecord& request, const RequestParts& parts) {
          const double most = 1e-9 * std::max(1.0, request.completion.si());
          return std::string(!request.completed()                 ? "-"
                             : difference(request, parts) <= most ? "+"
                                                                  : "x");
        });
    CHECK(text.find('x') == std::string::npos);
    answered += std::count(text.begin(), text.end(), '+');
  }
  CHECK(answered > 1000);
}

}  // namespace offcut::engine::parts_test
