#include "analysis/statistics/energy_totals.h"

#include <doctest/doctest.h>

namespace offcut::analysis::energy_totals_test {
namespace {

engine::EnergyState state(std::size_t tier, const char* name, double time, double energy,
                          bool is_known = true, bool of_radio = false) {
  return {tier, 0, of_radio, name, Seconds(time), Joules(energy), is_known};
}

}  // namespace

TEST_CASE("energy totals: sums over states, and what is unknown in them") {
  engine::RunRecord run;
  run.hops = {{.name = "device-edge", .leaves_device = true, .up_messages = 1}};
  run.energy = {state(0, "busy", 1, 5),
                state(0, "idle", 9, 18),
                state(0, "transfer", 2, 3, true, true),
                state(0, engine::kTailAfterRun, 4, 8, true, true),
                state(1, "busy", 1, 50),
                state(1, "idle", 9, 0, false)};
  CHECK(machine_energy(run, 0) == Joules(23));
  CHECK(radio_energy(run) == Joules(11));
  CHECK(device_energy(run) == Joules(34));
  CHECK(state_energy(run, 0, "busy") == Joules(5));
  CHECK(!server_energy(run));
  run.energy.back().time = Seconds(0);  // A state without time needs no power draw.
  CHECK(server_energy(run) == Joules(50));
  // Devices that sent something with an unknown radio.
  run.energy.erase(run.energy.begin() + 2, run.energy.begin() + 4);
  CHECK(!radio_energy(run));
  CHECK(!device_energy(run));
  run.hops[0].up_messages = 0;
  CHECK(device_energy(run) == Joules(23));
  CHECK(!machine_energy(run, 2));
}

TEST_CASE("money: machines by the hour for which they exist, traffic by the gigabyte") {
  // Two machines at 3 an hour for 30 min, whatever they did, and 2.5 GB at 4 a gigabyte.
  scenario::Scenario scenario;
  scenario.tiers = {{{.name = "device"}}, {{.name = "cloud", .servers = 2}}};
  scenario.hops = {{{.name = "device-cloud"}}};
  engine::RunRecord run;
  run.duration = Seconds(1800);
  run.tiers = {{.name = "device", .servers = 1, .machines = 1},
               {.name = "cloud", .servers = 2, .machines = 2}};
  run.hops = {{.up = Bytes(2e9), .down = Bytes(0.5e9)}};
  CHECK(!run_money(scenario, run));
  scenario.tiers[1].price = 3;
  CHECK(machine_money(scenario.tiers[1], run.tiers[1], run.duration) == 3);
  CHECK(run_money(scenario, run) == 3);
  // With an autoscaler, one of them existed for 10 min only: 40 min in all.
  run.tiers[1].is_scaled = true;
  run.tiers[1].existing = Seconds(2400);
  CHECK(machine_money(scenario.tiers[1], run.tiers[1], run.duration) == 2);
  run.tiers[1].is_scaled = false;
  scenario.hops[0].price = 4;
  CHECK(traffic_money(scenario.hops[0], run.hops[0]) == 10);
  CHECK(run_money(scenario, run) == 13);
}

TEST_CASE("battery: its life at the mean power draw") {
  // Two devices took 30 J in 10 s, 1.5 W each, and a tail of 8 J comes after the run. 18 Wh last
  // for 12 h.
  scenario::Scenario scenario;
  scenario.tiers = {{{.name = "device", .servers = 2}}};
  engine::RunRecord run;
  run.duration = Seconds(10);
  run.energy = {state(0, "busy", 10, 20), state(0, "idle", 10, 10),
                state(0, engine::kTailAfterRun, 4, 8, true, true)};
  CHECK(!battery_life(scenario, run));
  scenario.tiers[0].battery = engine::Battery{.capacity = parse<Joules>("18 Wh")};
  REQUIRE(battery_life(scenario, run));
  CHECK(battery_life(scenario, run)->si() == doctest::Approx(12 * 3600));
  // With one of them empty for 5 of the 20 s, each took 2 W.
  run.energy[1] = state(0, "idle in low power", 5, 10);
  run.energy.push_back(state(0, engine::kBatteryEmpty, 5, 0));
  CHECK(battery_life(scenario, run)->si() == doctest::Approx(9 * 3600));
  CHECK(state_energy(run, 0, "idle") == Joules(10));
  run.energy[0].is_known = false;
  CHECK(!battery_life(scenario, run));
}

TEST_CASE("planned energy: known if the device's power is, and that of a radio that is used") {
  scenario::Scenario scenario;
  scenario.tiers = {{{.name = "device"}}, {{.name = "cloud"}}};
  scenario.hops = {{{.name = "device-cloud"}}};
  partition::Plan plan;
  plan.cost.goes_up = {true};
  plan.cost.energy = Joules(3);
  CHECK(!planned_energy(scenario, plan));
  scenario.tiers[0].power = {.idle = Watts(0), .busy = Watts(0)};
  CHECK(!planned_energy(scenario, plan));
  plan.cost.goes_up = {false};
  CHECK(planned_energy(scenario, plan) == Joules(3));
  plan.cost.goes_up = {true};
  scenario.hops[0].radio = cost::Radio();
  CHECK(planned_energy(scenario, plan) == Joules(3));
}

}  // namespace offcut::analysis::energy_totals_test
