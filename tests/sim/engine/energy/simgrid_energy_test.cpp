// SimGrid's energy plugin (host_energy) counts machines as offcut does: idle, busy in proportion to
// the cores that compute, and off. It knows no radio of this kind.

#include <fmt/format.h>
#include <simgrid/plugins/energy.h>

#include <map>
#include <simgrid/s4u.hpp>
#include <sstream>

#include "../recorded.h"
#include "sim/study/isolate.h"

namespace offcut::engine::simgrid_energy_test {
namespace {

namespace s4u = simgrid::s4u;

constexpr double kService = 4;

/// Two devices of two cores, and a server that computes nothing and is down from 1 to 3 s.
Simulation busy_devices(const workload::Arrivals& arrivals) {
  Simulation simulation = OneClass{
      .tiers = {{.name = "phone", .servers = 2, .used = true, .service = Seconds(kService)},
                {.name = "spare"}},
      .hops = {{.name = "link", .hop = hop(1, 1, 0)}},
      .arrivals = &arrivals,
      .stop = {.requests = 8}};
  simulation.tiers[0].cores = 2;
  simulation.tiers[0].power = {.idle = Watts(10), .busy = Watts(50)};
  simulation.tiers[1].power = {.idle = Watts(20), .busy = Watts(30)};
  simulation.tiers[1].faults.outages = {{0, Seconds(1), Seconds(3)}};
  return simulation;
}

/// Runs the same computations on SimGrid's hosts, and returns the joules of the devices and of the
/// server.
std::string simgrid_joules(const Recorded& recorded) {
  std::vector<std::string> arguments = {"test", "--log=root.thresh:error",
                                        "--cfg=contexts/factory:thread",
                                        "--cfg=surf/precision:1e-9"};
  std::vector<char*> argv;
  for (std::string& argument : arguments) {
    argv.push_back(argument.data());
  }
  int count = static_cast<int>(argv.size());
  argv.push_back(nullptr);
  auto* engine = new s4u::Engine(&count, argv.data());  // Never deleted: see simulate.cpp.
  sg_host_energy_plugin_init();
  s4u::NetZone* zone = s4u::create_star_zone("energy");
  std::vector<s4u::Host*> phones;
  for (int i = 0; i < 2; ++i) {
    phones.push_back(zone->create_host(fmt::format("phone.{}", i), 1)->set_core_count(2));
    phones.back()->set_property("wattage_per_state", "10:10:50");  // Idle, no load, all cores.
  }
  s4u::Host* spare = zone->create_host("spare", 1);
  spare->set_property("wattage_per_state", "20:20:30");
  zone->seal();
  for (const RequestRecord& request : recorded.requests) {
    const double begins = (request.completion - request.device_compute).si();
    s4u::Actor::create("request", phones.at(request.device), [begins] {
      s4u::this_actor::sleep_until(begins);
      s4u::this_actor::execute(kService);
    });
  }
  s4u::Actor::create("outage", phones.front(), [spare] {
    s4u::this_actor::sleep_until(1);
    spare->turn_off();
    s4u::this_actor::sleep_until(3);
    spare->turn_on();
  });
  engine->run();
  const double joules =
      sg_host_get_consumed_energy(phones[0]) + sg_host_get_consumed_energy(phones[1]);
  return fmt::format("{} {}", joules, sg_host_get_consumed_energy(spare));
}

}  // namespace

TEST_CASE("energy: SimGrid's energy plugin counts the same joules for machines") {
  const Schedule arrivals({0.5, 1.25}, 1.5);
  const Recorded recorded = record(busy_devices(arrivals));
  REQUIRE(recorded.requests.size() == 8);
  std::map<std::size_t, double> ours;
  for (const EnergyState& state : recorded.run.energy) {
    ours[state.tier] += state.energy.si();
  }
  const study::IsolatedJob job = [&](const ProgressSink&) { return simgrid_joules(recorded); };
  std::istringstream text(study::run_isolated({job}, 1).front());
  double devices = 0, spare = 0;
  text >> devices >> spare;
  CHECK(spare == doctest::Approx(20 * (recorded.run.duration.si() - 2)).epsilon(1e-6));
  CHECK(ours[0] == doctest::Approx(devices).epsilon(1e-6));
  CHECK(ours[1] == doctest::Approx(spare).epsilon(1e-6));
}

}  // namespace offcut::engine::simgrid_energy_test
