#include "sim/experiment/idle_system.h"

#include <doctest/doctest.h>

#include "../scenario/read_text.h"

namespace offcut::experiment::idle_system_test {
namespace {

engine::Simulation idle(const std::string& device, const std::string& link,
                        const std::string& more = "") {
  return idle_system(scenario::read_text(
      "offcut: 1\nseed: 7\nmodel: {zoo: lenet5}\nplan: {algorithm: device-only}\n"
      "workload: {arrivals: poisson, rate: 1 /s}\nstop: {requests: 100}\n"
      "tiers: {device: {is: jetson-nano, count: 3" +
      device + "}, cloud: {is: t4, count: 2, noise: {kind: exponential}}}\n" +
      "network: {device-cloud: {up: 1 MB/s, down: 2 MB/s, latency: 20 ms" + link + "}}\n" + more));
}

}  // namespace

TEST_CASE("idle system: nothing arrives, fails, or varies") {
  const engine::Simulation system =
      idle(", noise: {kind: lognormal, cv: 30 %}, battery: {capacity: 10 Wh}",
           ", radio: {base: 1 W, per-mbit-up: 1 mW, per-mbit-down: 1 mW}, loss: {probability: 1 "
           "%}, rates: "
           "{kind: lognormal, cv: 30 %}",
           "failures: {device: {up: 10 s, down: 1 s}, device-cloud: {up: 10 s, down: 1 s}}\n");
  CHECK(system.seed == 7);
  CHECK(system.classes.empty());
  CHECK(!system.stop.requests);
  CHECK(!system.stop.after);
  REQUIRE(system.tiers.size() == 2);
  REQUIRE(system.hops.size() == 1);
  CHECK(system.tiers[0].servers == 3);
  CHECK(system.tiers[1].servers == 2);
  for (const engine::Tier& tier : system.tiers) {
    CHECK(tier.noise.kind == engine::Noise::Kind::none);
    CHECK(!tier.faults.any());
    CHECK(!tier.battery);
  }
  const engine::Link& link = system.hops.front();
  CHECK(!link.faults.any());
  CHECK(!link.loss);
  CHECK(!link.moving_rates.any());
  CHECK(link.hop.up == BytesPerSecond(1e6));
  CHECK(link.hop.down == BytesPerSecond(2e6));
}

TEST_CASE("idle system: the mean of jitter comes after the last bit, and TCP does not know it") {
  const engine::Link& link =
      idle("", ", transport: tcp, jitter: {kind: gamma, mean: 5 ms, cv: 50 %}").hops.front();
  CHECK(!link.jitter);
  CHECK(link.hop.per_message == Seconds(0.005));
  CHECK(link.hop.latency == Seconds(0.02));
  CHECK(link.hop.tcp.has_value());
}

}  // namespace offcut::experiment::idle_system_test
