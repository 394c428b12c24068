#include "sim/scenario/sections/failures_section.h"

#include <doctest/doctest.h>

#include "../../../temporary_folder.h"
#include "../messages.h"
#include "../read_text.h"

namespace offcut::scenario::failures_section_test {
namespace {

const std::string kScenario =
    "offcut: 1\n"
    "stop: {requests: 5}\n"
    "model: {zoo: lenet5}\n"
    "tiers: {device: {is: raspberry-pi-4b, count: 4}, edge: {is: t4, count: 2}, cloud: {is: t4}}\n"
    "network: {device-edge: {is: wifi}, edge-cloud: {is: wan-100m}}\n"
    "plan: {algorithm: multi-tier}\n"
    "workload: {arrivals: poisson, rate: 1 /s}\n";

Scenario read(const std::string& failures) {
  return read_text(kScenario + "failures: " + failures + "\n",
                   "time_s,which,state\n1,1,down\n3,1,up\n");
}

Messages wrong(const std::string& failures) {
  return messages_of([&] { read(failures); });
}

}  // namespace

TEST_CASE("failures section: at given times, at random and from a trace") {
  const Scenario s = read(
      "{edge: {outages: [{machine: 1, from: 10 s, until: 12 s}, {machine: 0, from: 20 s, until: 1 "
      "min}], up: 60 "
      "s, "
      "down: 5 s, trace: trace.csv}, device-edge: {outages: [{link: 3, from: 0 s, until: 1 s}]}}");
  CHECK(!s.tiers[0].faults.any());
  const network::Faults& edge = s.tiers[1].faults;
  REQUIRE(edge.outages.size() == 3);
  CHECK(edge.outages[0].which == 1);
  CHECK(edge.outages[0].from == Seconds(10));
  CHECK(edge.outages[0].until == Seconds(12));
  CHECK(edge.outages[1].until == Seconds(60));
  CHECK(edge.outages[2].which == 1);
  CHECK(edge.outages[2].until == Seconds(3));
  REQUIRE(edge.exponential);
  CHECK(edge.exponential->up == Seconds(60));
  CHECK(edge.exponential->down == Seconds(5));
  REQUIRE(s.hops[0].faults.outages.size() == 1);
  CHECK(s.hops[0].faults.outages[0].which == 3);
  CHECK(!s.hops[1].faults.any());
}

TEST_CASE("failures section: the resolved scenario reads the same") {
  const Scenario s =
      read("{edge: {outages: [{machine: 1, from: 10 s, until: 11 s}], up: 60 s, down: 5 s}}");
  const std::string resolved = to_yaml(s.resolved);
  static const Registries registries;
  const TemporaryFolder folder;
  const Scenario again = read_scenario(folder.write("my.yaml", resolved), {}, registries);
  CHECK(to_yaml(again.resolved) == resolved);
  CHECK(again.tiers[1].faults.outages.front().from == Seconds(10));
}

TEST_CASE("failures section: errors") {
  CHECK(wrong("{egde: {}}") == Messages{"8:12 unknown key 'failures.egde'; did you mean 'edge'?"});
  CHECK(wrong("{edge: {up: 60 s}}") ==
        Messages{"8:18 'failures.edge.down' is missing: 'up' and 'down' go together"});
  CHECK(wrong("{edge: {up: 1 us, down: 1 s}}") ==
        Messages{"8:23 failures.edge.up: must be between 0.001 s and 1000000000 s, got '1 us'"});
  CHECK(wrong("{edge: {outages: 3}}") ==
        Messages{"8:28 failures.edge.outages: expected a list such as [{machine: 0, from: 10 s, "
                 "until: 12 s}], got '3'"});
  CHECK(wrong("{edge: {outages: [{machine: 2, from: 1 s, until: 2 s}]}}") ==
        Messages{"8:39 failures.edge.outages.machine: must be between 0 and 1, got '2'"});
  CHECK(wrong("{edge-cloud: {outages: [{link: 1, from: 1 s, until: 2 s}]}}") ==
        Messages{"8:42 failures.edge-cloud.outages.link: must be 0, got '1'"});
  CHECK(wrong("{edge: {outages: [{link: 1, from: 1 s, until: 2 s}]}}").size() == 2);
  CHECK(wrong("{edge: {outages: [{machine: 1, from: 1 s, untill: 2 s}]}}") ==
        Messages{"8:53 unknown key 'failures.edge.outages.untill'; did you mean 'until'?"});
  CHECK(wrong("{edge: {up: 60 s, down: 5 s, repair: never}}") ==
        Messages{"8:35 failures.edge.down: without a repair there is no time for it"});
  CHECK(wrong("{edge: {repair: never}}") ==
        Messages{"8:18 'failures.edge.up' is missing: 'repair: never' needs it"});
  CHECK(wrong("{edge: {outages: [{machine: 1, from: 2 s, until: 2 s}]}}") ==
        Messages{"8:60 failures.edge.outages.until: must come after 'from'"});
  CHECK(wrong("{edge: {outages: [{machine: 1, from: 2, until: 1 s}]}}").size() == 1);
}

}  // namespace offcut::scenario::failures_section_test
