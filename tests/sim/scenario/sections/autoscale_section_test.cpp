#include "sim/scenario/sections/autoscale_section.h"

#include <doctest/doctest.h>

#include "../messages.h"
#include "../read_text.h"

namespace offcut::scenario::autoscale_section_test {
namespace {

/// Reads a scenario with this edge, four devices and a cloud.
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

TEST_CASE("autoscale section: by default, no tier is scaled") {
  const Scenario s = read("{is: t4, count: 4, sites: 2}");
  CHECK(!s.tiers[0].autoscaler);
  CHECK(!s.tiers[1].autoscaler);
  CHECK(s.resolved.find("tiers")->find("edge")->find("autoscale") == nullptr);
}

TEST_CASE("autoscale section: numbers are those of each site, and the tier has the largest one") {
  const Scenario s = read(
      "{is: t4, count: 4, sites: 2, autoscale: {policy: queue, target: 3, min: 1, max: 5, "
      "start-up: 45 s, interval: 10 s, scale-down-after: 2 min}}");
  const TierChoice& edge = s.tiers[1];
  CHECK(edge.servers == 10);
  REQUIRE(edge.autoscaler);
  CHECK(edge.autoscaler->policy.kind->name == "queue");
  CHECK(edge.autoscaler->policy.parameters.at("target") == 3);
  CHECK(edge.autoscaler->policy.parameters.at("tolerance") == 0.1);
  CHECK(edge.autoscaler->at_start == 2);
  CHECK(edge.autoscaler->least == 1);
  CHECK(edge.autoscaler->start_up == Seconds(45));
  CHECK(edge.autoscaler->interval == Seconds(10));
  CHECK(edge.autoscaler->scale_down_after == Seconds(120));
}

TEST_CASE("autoscale section: defaults, and the resolved scenario reads the same") {
  const Scenario s = read("{is: t4, count: 4, autoscale: {}}");
  const TierChoice& edge = s.tiers[1];
  CHECK(edge.servers == 4);
  REQUIRE(edge.autoscaler);
  CHECK(edge.autoscaler->policy.kind->name == "utilisation");
  CHECK(edge.autoscaler->policy.parameters.at("target") == 0.8);
  CHECK(edge.autoscaler->at_start == 4);
  CHECK(edge.autoscaler->least == 1);
  CHECK(edge.autoscaler->start_up == Seconds(30));
  CHECK(edge.autoscaler->interval == Seconds(15));
  CHECK(edge.autoscaler->scale_down_after == Seconds(300));
  const std::string resolved = to_yaml(s.resolved);
  const Scenario again = read_text(resolved);
  CHECK(to_yaml(again.resolved) == resolved);
  CHECK(again.tiers[1].servers == 4);
}

TEST_CASE("autoscale section: failures may name every machine that may exist") {
  const std::string edge = "{is: t4, autoscale: {max: 3}}";
  const std::string outage = "failures: {edge: {outages: [{machine: 2, from: 1 s, until: 2 s}]}}\n";
  CHECK(read(edge, outage).tiers[1].faults.outages.size() == 1);
  CHECK(wrong("{is: t4, autoscale: {max: 2}}", outage) ==
        Messages{"10:39 failures.edge.outages.machine: must be between 0 and 1, got '2'"});
}

TEST_CASE("autoscale section: processor sharing needs dispatch for all machines that may exist") {
  CHECK(wrong("{is: t4, autoscale: {max: 3}}", "scheduling: {edge: processor-sharing}\n").size() ==
        1);
  CHECK(wrong("{is: t4, autoscale: {max: 1}}", "scheduling: {edge: processor-sharing}\n").empty());
}

TEST_CASE("autoscale section: errors") {
  CHECK(wrong("{is: t4, autoscale: {max: 0}}") ==
        Messages{"6:35 tiers.edge.autoscale.max: must be between 1 and 10000000, got '0'"});
  CHECK(wrong("{is: t4, autoscale: {min: 3, max: 2}}") ==
        Messages{"6:35 tiers.edge.autoscale.min: must be at most 'max' (2), got 3"});
  CHECK(wrong("{is: t4, count: 3, autoscale: {max: 2}}") ==
        Messages{"6:25 tiers.edge.count: each site would begin with 3: expected 'autoscale.min' "
                 "(1) to 'autoscale.max' (2)"});
  CHECK(wrong("{is: t4, autoscale: {max: 2, startup: 3 s}}") ==
        Messages{"6:38 unknown key 'tiers.edge.autoscale.startup'; did you mean 'start-up'?"});
  CHECK(wrong("{is: t4, autoscale: {max: 2, target: 1.5}}") ==
        Messages{"6:46 tiers.edge.autoscale.target: must be between 0.01 and 1, got '1.5'"});
  CHECK(wrong("{is: t4, autoscale: {policy: nothing}}").size() == 1);
  CHECK(wrong("{is: t4, autoscale: {max: 5000000, interval: 0 s}}").size() == 1);
  CHECK(wrong("{is: t4, cores: 4, autoscale: {max: 5000000}}") ==
        Messages{"6:45 tiers.edge.autoscale.max: 5000000 machines of 4 cores at each of 1 site; a "
                 "tier has at most 10000000 cores"});
}

TEST_CASE("autoscale section: a run with too many decisions is refused") {
  const std::string text =
      "offcut: 1\n"
      "stop: {after: 1000000 s}\n"
      "model: {zoo: lenet5}\n"
      "tiers: {device: {is: raspberry-pi-4b}, edge: {is: t4, autoscale: {interval: 1 ms}}}\n"
      "network: {device-edge: {is: wifi}}\n"
      "plan: {algorithm: neurosurgeon}\n"
      "workload: {arrivals: poisson, rate: 1 /h}\n";
  const Messages found = messages_of([&] { read_text(text); });
  REQUIRE(found.size() == 1);
  CHECK(found[0].find("autoscalers would decide about 1e+09 times") != std::string::npos);
}

}  // namespace offcut::scenario::autoscale_section_test
