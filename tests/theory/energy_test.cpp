// The energy of a plan is what a run counts for one request by itself: with its radio idle before,
// promoted for it, waiting for the answer, and then in its tails to the end. To 1e-9.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "../sim/engine/recorded.h"
#include "../temporary_folder.h"
#include "analysis/statistics/energy_totals.h"
#include "sim/experiment/compile.h"
#include "sim/experiment/plan_runs.h"

namespace offcut::theory_tests::energy_test {
namespace {

const scenario::Registries& registries() {
  static const scenario::Registries all;
  return all;
}

/// Returns alexnet on these tiers and links, with one request.
experiment::Experiment one_request(const std::string& tiers, const std::string& network,
                                   const std::string& plan) {
  const TemporaryFolder folder;
  const std::string scenario =
      "offcut: 1\nstop: {requests: 1}\nmodel: {zoo: alexnet}\ntiers: " + tiers +
      "\nnetwork: " + network + "\nplan: " + plan +
      "\nworkload: {arrivals: periodic, period: 10 s}\n";
  return experiment::prepare(
      scenario::read_scenario(folder.write("one.yaml", scenario), {}, registries()), registries());
}

/// Returns the greatest relative difference between run and plan over the scenario's plans, and
/// counts those that use the radio.
double worst_energy_error(const experiment::Experiment& experiment, int& sends) {
  double worst = 0;
  for (const experiment::PlannedRun& planned : experiment::plan_runs(experiment)) {
    const auto* plans = std::get_if<std::vector<partition::Plan>>(&planned.outcome);
    if (plans == nullptr) {
      continue;
    }
    CAPTURE(planned.algorithm);
    const engine::Recorded recorded =
        engine::record(experiment::compile(experiment, *plans, {.math = false}).simulation);
    REQUIRE(recorded.requests.size() == 1);
    const double idle = experiment.scenario.tiers[0].power.idle->si();
    const double before = recorded.requests[0].arrival.si() * idle;
    const auto energy = analysis::device_energy(recorded.run);
    REQUIRE(energy);
    const double expected = plans->front().cost.energy.si();
    CHECK(expected > 0);
    worst = std::max(worst, std::abs(energy->si() - before - expected) / expected);
    sends += plans->front().cost.goes_up.front() ? 1 : 0;
  }
  return worst;
}

}  // namespace

TEST_CASE("energy: a run of one request takes what the plan says, on every kind of radio") {
  int sends = 0;
  for (const char* link : {"3g", "lte", "wifi", "ethernet-1g"}) {
    CAPTURE(link);
    CHECK(worst_energy_error(
              one_request("{device: {is: raspberry-pi-4b}, cloud: {is: t4}}",
                          fmt::format("{{device-cloud: {{is: {}}}}}", link),
                          "{algorithm: exact, objective: energy, compare: [device-only, "
                          "cloud-only, neurosurgeon, min-cut]}"),
              sends) < 1e-9);
    CHECK(worst_energy_error(
              one_request(
                  "{device: {is: jetson-nano}, edge: {is: raspberry-pi-4b}, "
                  "cloud: {is: t4, power: {pue: 1.5}}}",
                  fmt::format("{{device-edge: {{is: {}}}, edge-cloud: {{is: wan-100m}}}}", link),
                  "{algorithm: multi-tier, objective: {latency: 1, energy: 2}, limits: "
                  "{pin-first: 1, pin-tail: 1}, compare: [edge-only, cloud-only, exact]}"),
              sends) < 1e-9);
  }
  CHECK(sends >= 4);
}

TEST_CASE("energy: a tail that costs more than the device makes a plan stay there") {
  const auto planned = [](const std::string& tail) {
    const experiment::Experiment experiment =
        one_request("{device: {is: raspberry-pi-zero-2w}, cloud: {is: t4}}",
                    "{device-cloud: {is: wifi, radio: {tail: " + tail + "}}}",
                    "{algorithm: exact, objective: energy, compare: none}");
    const experiment::PlannedRun run = experiment::plan_runs(experiment).front();
    return std::get<std::vector<partition::Plan>>(run.outcome).front();
  };
  const partition::Plan none = planned("{time: 0 s, power: 0 W}");
  const partition::Plan dear = planned("{time: 10000 s, power: 100 W}");
  CHECK(none.cost.goes_up[0]);
  CHECK(!dear.cost.goes_up[0]);
  CHECK(dear.cost.energy > none.cost.energy);
}

TEST_CASE("energy: the power of a device whose times are measured or tabled") {
  const TemporaryFolder folder;
  folder.write("net.csv",
               "layer,inputs,output_bytes,param_bytes,macs,phone_s,server_s\n"
               "image,,1000,0,0,0,0\n"
               "conv,image,500,0,0,2,0.5\n");
  const auto read = [&](const std::string& power) {
    const std::string scenario =
        "offcut: 1\nstop: {requests: 1}\nmodel: {layers: net.csv}\n"
        "tiers: {device: {is: 'column:phone'" +
        power +
        "}, cloud: {is: 'column:server'}}\n"
        "network: {device-cloud: {is: ethernet-1g}}\n"
        "plan: {algorithm: device-only, objective: energy, compare: none}\n"
        "workload: {arrivals: periodic, period: 10 s}\n";
    return experiment::prepare(
        scenario::read_scenario(folder.write("one.yaml", scenario), {}, registries()),
        registries());
  };
  int sends = 0;
  const experiment::Experiment known = read(", power: {idle: 1 W, busy: 5 W}");
  CHECK(worst_energy_error(known, sends) < 1e-9);
  const experiment::PlannedRun run = experiment::plan_runs(known).front();
  CHECK(std::get<std::vector<partition::Plan>>(run.outcome).front().cost.energy == Joules(10));
  CHECK_NOTHROW(read(", power: {idle: 0 W, busy: 0 W}"));
  CHECK_THROWS_WITH_AS(read(""), doctest::Contains("the power draw of 'device' is unknown"),
                       InputError);
  CHECK_THROWS_WITH_AS(read(", power: {busy: 5 W}"),
                       doctest::Contains("the idle power draw of 'device' is unknown"), InputError);
}

}  // namespace offcut::theory_tests::energy_test
