#include "sim/experiment/goal.h"

#include <doctest/doctest.h>

#include "../../temporary_folder.h"
#include "sim/experiment/experiment.h"

namespace offcut::experiment::goal_test {
namespace {

/// Returns the problem of lenet5 (13 layers) with this section `plan` and these tiers.
partition::Problem problem(const std::string& plan,
                           const std::string& device = "{is: raspberry-pi-4b}",
                           const std::string& hop = "{is: lte}") {
  static const scenario::Registries registries;
  const TemporaryFolder folder;
  const std::string scenario =
      "offcut: 1\nstop: {requests: 5}\nmodel: {zoo: lenet5}\n"
      "tiers:\n  device: " +
      device +
      "\n  cloud: {is: t4, price: 7.2}\n"
      "network:\n  device-cloud: " +
      hop + "\nplan: " + plan + "\nworkload: {arrivals: poisson, rate: 1 /s}\n";
  return prepare(scenario::read_scenario(folder.write("my.yaml", scenario), {}, registries),
                 registries)
      .models.front()
      .problem;
}

}  // namespace

TEST_CASE("goal: latency without limits is the default") {
  const partition::Problem plain = problem("{algorithm: multi-tier}");
  CHECK(plain.goal.objective == partition::Objective{});
  CHECK(plain.goal.limits.memory.empty());
  CHECK(!plain.goal.limits.deadline);
  CHECK(plain.goal.limits.pinned.empty());
  CHECK(plain.tail.empty());
}

TEST_CASE("goal: one objective by name, or weights of several") {
  CHECK(problem("{algorithm: exact, objective: energy}").goal.objective ==
        partition::Objective{0, 1, 0, 0});
  CHECK(problem("{algorithm: exact, objective: money}").goal.objective ==
        partition::Objective{0, 0, 1, 0});
  CHECK(problem("{algorithm: exact, objective: throughput}").goal.objective ==
        partition::Objective{0, 0, 0, 1});
  CHECK(problem("{algorithm: exact, objective: {latency: 2, energy: 0.5}}").goal.objective ==
        partition::Objective{2, 0.5, 0, 0});
}

TEST_CASE("goal: power draws come from the catalogue, prices from tiers and hops") {
  const partition::Problem priced =
      problem("{algorithm: exact}", "{is: raspberry-pi-4b, power: {busy: 6 W}}",
              "{is: lte, up: 10 Mbit/s, down: 20 Mbit/s, price: 5}");
  CHECK(priced.power.busy == Watts(6));
  CHECK(priced.power.idle == Watts(2.7));  // The catalogue's.
  // LTE (Huang et al., MobiSys 2012): 438.39 mW per Mbit/s up, 51.97 down, and 1288.04 mW.
  CHECK(priced.power.send.si() == doctest::Approx(2.7 + 0.43839 * 10 + 1.28804));
  CHECK(priced.power.receive.si() == doctest::Approx(2.7 + 0.05197 * 20 + 1.28804));
  CHECK(priced.radio.promotion == Seconds(0.26));
  CHECK(priced.radio.promoting == Watts(1.2107));
  CHECK(priced.radio.waiting == Watts(1.06));
  CHECK(priced.radio.tail.si() == doctest::Approx(11.576 * 1.06));
  CHECK(priced.price == std::vector<double>{0, 7.2 / 3600});
  CHECK(priced.hops[0].price == 5 / 1e9);
}

TEST_CASE("goal: an unknown power draw is not one of 0 W") {
  const auto unknown = [](const std::string& device, const std::string& hop) {
    return partition::unknown_power(problem("{algorithm: exact}", device, hop));
  };
  const std::string wired =
      "{up: 1 Mbit/s, down: 1 Mbit/s, latency: 1 ms, radio: {per-mbit-up: "
      "0 W, per-mbit-down: 0 W, base: 0 W}}";
  const std::string figures =
      "{peak: 1 GFLOP/s, memory-bandwidth: 1 GB/s, memory: 1 GB, efficiency: {convolution: 1, "
      "depthwise-convolution: 1, dense: 1, memory: 1}, layer-overhead: 0 s";
  CHECK(unknown("{is: raspberry-pi-4b}", "{is: lte}").empty());
  CHECK(unknown("{is: raspberry-pi-4b}", wired).empty());
  CHECK(unknown("{is: raspberry-pi-4b}", "{is: 5g}") ==
        "the power draw of the radio from 'device' to 'cloud' is unknown");
  CHECK(unknown(figures + "}", wired) == "the power draw of 'device' is unknown");
  CHECK(unknown(figures + ", power: {busy: 1 W}}", wired) ==
        "the power draw of 'device' is unknown");
  CHECK(unknown(figures + ", power: {busy: 0 W, idle: 0 W}}", wired).empty());
}

TEST_CASE("goal: limits") {
  const partition::Problem limited = problem(
      "{algorithm: exact, limits: {memory: {cloud: 2 GB}, deadline: 0.1 s, pin-first: 2, "
      "pin-tail: 1}}");
  CHECK(limited.goal.limits.memory == std::vector<std::optional<Bytes>>{std::nullopt, Bytes(2e9)});
  CHECK(limited.goal.limits.deadline == Seconds(0.1));
  CHECK(limited.goal.limits.pinned == std::vector<LayerId>{0, 1});
  CHECK(limited.tail == std::vector<LayerId>{12});
  const partition::Problem own = problem("{algorithm: exact, limits: {memory: true}}");
  CHECK(own.goal.limits.memory[1] == Bytes(16e9));  // The memory of a T4.
  CHECK(own.memory.size() == 13);
  const partition::Problem kept = problem("{algorithm: exact, limits: {keep-input: true}}");
  CHECK(!kept.goal.limits.pinned.empty());
  CHECK(kept.goal.limits.pinned.size() < 13);
}

}  // namespace offcut::experiment::goal_test
