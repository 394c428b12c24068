#include "sim/scenario/sections/cold_start_section.h"

#include <doctest/doctest.h>

#include "../messages.h"
#include "../read_text.h"

namespace offcut::scenario::cold_start_section_test {
namespace {

Scenario read(const std::string& edge, const std::string& rest = "") {
  return read_text(
      "offcut: 1\n"
      "stop: {requests: 5}\n"
      "model: {zoo: lenet5}\n"
      "tiers:\n"
      "  device: {is: raspberry-pi-4b, count: 4}\n"
      "  edge: " +
      edge +
      "\n"
      "network: {device-edge: {is: wifi}}\n"
      "plan: {algorithm: neurosurgeon}\n"
      "workload: {arrivals: poisson, rate: 1 /s}\n" +
      rest);
}

Messages wrong(const std::string& edge, const std::string& rest = "") {
  return messages_of([&] { read(edge, rest); });
}

}  // namespace

TEST_CASE("cold start section: by default, machines are always warm") {
  CHECK(!read("{is: t4}").tiers[1].cold_start);
}

TEST_CASE("cold start section: times, defaults, and the machines that are kept") {
  const Scenario s = read("{is: t4, count: 4, sites: 2, cold-start: {time: 2 s, keep: 2}}");
  const auto& cold_start = s.tiers[1].cold_start;
  REQUIRE(cold_start);
  CHECK(cold_start->time == Seconds(2));
  CHECK(cold_start->idle_after == Seconds(600));
  CHECK(cold_start->keep == 2);
  const std::string resolved = to_yaml(s.resolved);
  CHECK(to_yaml(read_text(resolved).resolved) == resolved);
  CHECK(read("{is: t4, autoscale: {max: 3}, cold-start: {time: 2 s, idle-after: 0 s, keep: 3}}")
            .tiers[1]
            .cold_start->idle_after == Seconds(0));
}

TEST_CASE("cold start section: errors") {
  CHECK(wrong("{is: t4, cold-start: {}}") ==
        Messages{"6:30 'tiers.edge.cold-start.time' is missing"});
  CHECK(wrong("{is: t4, count: 4, sites: 2, cold-start: {time: 2 s, keep: 3}}") ==
        Messages{"6:68 tiers.edge.cold-start.keep: must be at most 2, the machines of a site, got "
                 "3"});
  CHECK(wrong("{is: t4, cold-start: {time: 2 s, keeps: 3}}") ==
        Messages{"6:42 unknown key 'tiers.edge.cold-start.keeps'; did you mean 'keep'?"});
  CHECK(wrong("{is: t4, cold-start: {time: 2 s}}", "scheduling: {edge: processor-sharing}\n") ==
        Messages{"10:20 scheduling.edge.queue: under 'processor-sharing' machines have no cold "
                 "starts: remove 'tiers.edge.cold-start'"});
}

}  // namespace offcut::scenario::cold_start_section_test
