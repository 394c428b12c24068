#include "sim/scenario/sections/device_choice.h"

#include <doctest/doctest.h>

#include "../messages.h"
#include "../read_text.h"

namespace offcut::scenario::device_choice_test {
namespace {

/// Reads a scenario with this edge, beside a profile trace.csv.
Scenario read(const std::string& edge) {
  return read_text(
      "offcut: 1\n"
      "stop: {requests: 5}\n"
      "model: {zoo: lenet5}\n"
      "tiers:\n"
      "  device: {is: raspberry-pi-4b}\n"
      "  edge: " +
          edge +
          "\n"
          "network: {device-edge: {is: wifi}}\n"
          "plan: {algorithm: neurosurgeon}\n"
          "workload: {arrivals: poisson, rate: 1 /s}\n",
      "layer,median_s,spread_s\nconv1,0.5,0.25\nconv2,2,0\n");
}

const cost::Profile& profile_of(const Scenario& scenario) {
  return std::get<ProfiledDevice>(scenario.tiers[1].is).profile;
}

Messages wrong(const std::string& edge) {
  return messages_of([&] { read(edge); });
}

}  // namespace

TEST_CASE("device choice: a profile is a file, or a map with a scale of its times") {
  const Scenario plain = read("{profile: trace.csv}");
  REQUIRE(profile_of(plain).rows.size() == 2);
  CHECK(profile_of(plain).rows[0].median == 0.5);
  const Scenario same = read("{profile: {file: trace.csv}}");
  CHECK(profile_of(same).rows[1].median == 2);
  const Scenario scaled = read("{profile: {file: trace.csv, scale: 1.5}}");
  CHECK(profile_of(scaled).rows[0].median == 0.75);
  CHECK(profile_of(scaled).rows[0].spread == 0.375);
  CHECK(profile_of(scaled).rows[1].median == 3);
  const std::string resolved = to_yaml(*scaled.resolved.find("tiers")->find("edge"));
  CHECK(resolved.find("scale: 1.5") != std::string::npos);
}

TEST_CASE("device choice: errors of a profile") {
  CHECK(wrong("{profile: {scale: 2}}") == Messages{"6:19 'tiers.edge.profile.file' is missing"});
  CHECK(wrong("{profile: {file: trace.csv, scale: 0}}") ==
        Messages{"6:44 tiers.edge.profile.scale: must be between 0.001 and 1000, got '0'"});
  CHECK(wrong("{profile: {file: trace.csv, skale: 2}}") ==
        Messages{"6:37 unknown key 'tiers.edge.profile.skale'; did you mean 'scale'?"});
  CHECK(wrong("{is: t4, profile: {file: trace.csv}}") ==
        Messages{"6:27 tiers.edge.profile: give one of 'is', 'profile' and 'fitted'"});
  CHECK(wrong("{profile: [trace.csv]}").size() == 1);
  CHECK(wrong("{fitted: {file: trace.csv}}").size() == 1);
}

}  // namespace offcut::scenario::device_choice_test
