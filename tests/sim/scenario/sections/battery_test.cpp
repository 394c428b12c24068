#include "sim/scenario/sections/battery.h"

#include <doctest/doctest.h>

#include "../messages.h"
#include "../read_text.h"

namespace offcut::scenario::battery_test {
namespace {

Scenario read(const std::string& device, const std::string& objective = "latency") {
  return read_text(
      "offcut: 1\n"
      "devices:\n"
      "  board:\n"
      "    peak: 10 GFLOP/s\n"
      "    memory-bandwidth: 5 GB/s\n"
      "    memory: 1 GB\n"
      "    efficiency: {convolution: 0.3, depthwise-convolution: 0.2, dense: 0.3, memory: 0.5}\n"
      "    layer-overhead: 10 us\n"
      "stop: {requests: 5}\n"
      "model: {zoo: lenet5}\n"
      "tiers:\n"
      "  device: " +
      device +
      "\n"
      "  cloud: {is: v100}\n"
      "network: {device-cloud: {is: lte}}\n"
      "plan: {algorithm: exact, objective: " +
      objective +
      "}\n"
      "workload: {arrivals: poisson, rate: 1 /s}\n");
}

engine::Battery battery(const std::string& keys) {
  return read("{is: raspberry-pi-4b, battery: {" + keys + "}}").tiers[0].battery.value();
}

}  // namespace

TEST_CASE("battery section: each key has its own number, and a default") {
  const engine::Battery full = battery("capacity: 10 J");
  CHECK(full.capacity == Joules(10));
  CHECK(full.charge == 1);
  CHECK(!full.low_power);
  const engine::Battery low =
      battery("capacity: 5 kJ, charge: 75 %, low-power: {below: 20 %, speed: 50 %, power: 40 %}");
  CHECK(low.capacity == Joules(5000));
  CHECK(low.charge == 0.75);
  REQUIRE(low.low_power);
  CHECK(low.low_power->below == 0.2);
  CHECK(low.low_power->speed == 0.5);
  CHECK(low.low_power->power == 0.4);
}

TEST_CASE("battery section: a charge in mAh, times the voltage") {
  CHECK(battery("capacity: 3000 mAh, voltage: 3.7 V").capacity.si() ==
        doctest::Approx(3 * 3600 * 3.7));
  CHECK(battery("capacity: 2 Ah, voltage: 5 V").capacity.si() == doctest::Approx(2 * 3600 * 5));
}

TEST_CASE("battery section: an objective of energy names the power draw that is missing") {
  const auto wrong = [](const std::string& power) {
    return messages_of([&] { read("{is: board, power: {" + power + "}}", "energy"); });
  };
  const auto missing = [](const std::string& which) {
    return Messages{"15:37 plan.objective: the " + which +
                    "power draw of 'device' is unknown: energy needs a device with a known power "
                    "draw"};
  };
  CHECK(wrong("busy: 6 W") == missing("idle "));
  CHECK(wrong("idle: 2 W") == missing("busy "));
  CHECK(wrong("idle: 2 W, busy: 6 W").empty());
}

}  // namespace offcut::scenario::battery_test
