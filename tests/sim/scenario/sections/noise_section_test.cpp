#include "sim/scenario/sections/noise_section.h"

#include <doctest/doctest.h>

#include "../messages.h"
#include "../read_text.h"

namespace offcut::scenario::noise_section_test {
namespace {

std::string scenario_with(const std::string& noise) {
  return "offcut: 1\n"
         "stop: {requests: 5}\n"
         "model: {zoo: lenet5}\n"
         "tiers:\n"
         "  device: {is: raspberry-pi-4b}\n"
         "  edge: {is: t4, noise: " +
         noise +
         "}\n"
         "network: {device-edge: {is: wifi}}\n"
         "plan: {algorithm: neurosurgeon}\n"
         "workload: {arrivals: poisson, rate: 1 /s}\n";
}

/// Reads a scenario with this noise, beside a file trace.csv.
engine::Noise read(const std::string& noise, const std::string& file = "") {
  return read_text(scenario_with(noise), file).tiers[1].noise;
}

Messages wrong(const std::string& noise, const std::string& file = "") {
  return messages_of([&] { read(noise, file); });
}

const std::string kEmpirical = "{kind: empirical, file: trace.csv}";

}  // namespace

TEST_CASE("noise section: distributions") {
  CHECK(read("{}").kind == engine::Noise::Kind::none);
  CHECK(read("{kind: exponential}").kind == engine::Noise::Kind::exponential);
  const engine::Noise lognormal = read("{kind: lognormal, cv: 20 %}");
  CHECK(lognormal.kind == engine::Noise::Kind::lognormal);
  CHECK(lognormal.cv == 0.2);
}

TEST_CASE("noise section: empirical values are divided by their mean") {
  const engine::Noise noise = read(kEmpirical, "2\n4\n6\n");
  CHECK(noise.kind == engine::Noise::Kind::empirical);
  CHECK(noise.factors == std::vector<double>{0.5, 1, 1.5});
  // A header, and times in any unit.
  CHECK(read(kEmpirical, "time_us\n2e6\n4e6\n6e6\n").factors == noise.factors);
  CHECK(read("{kind: empirical, file: trace.csv, column: b}", "a,b\nx,2\ny,4\nz,6\n").factors ==
        noise.factors);
  // One value is a constant; zeros are valid beside others.
  CHECK(read(kEmpirical, "0.037\n").factors == std::vector<double>{1});
  CHECK(read(kEmpirical, "0\n4").factors == std::vector<double>{0, 2});
}

TEST_CASE("noise section: the resolved scenario reads the same") {
  const TemporaryFolder folder;
  folder.write("times.csv", "1\n3\n");
  static const Registries registries;
  const Scenario s = read_scenario(
      folder.write("my.yaml", scenario_with("{kind: empirical, file: times.csv}")), {}, registries);
  const std::string resolved = to_yaml(s.resolved);
  const Scenario again = read_scenario(folder.write("again.yaml", resolved), {}, registries);
  CHECK(to_yaml(again.resolved) == resolved);
  CHECK(again.tiers[1].noise.factors == std::vector<double>{0.5, 1.5});
}

TEST_CASE("noise section: errors") {
  CHECK(wrong("{kind: empirical}") == Messages{"6:25 'tiers.edge.noise.file' is missing"});
  CHECK(wrong("{kind: empirical, file: trace.csv, cv: 0.1}", "1\n") ==
        Messages{"6:64 tiers.edge.noise.cv: only lognormal noise has a coefficient of variation"});
  CHECK(wrong("{kind: exponential, file: trace.csv}", "1\n") ==
        Messages{"6:51 tiers.edge.noise.file: only empirical noise is drawn from a file"});
  CHECK(wrong("{column: a}") ==
        Messages{"6:34 tiers.edge.noise.column: only empirical noise is drawn from a file"});
  CHECK(wrong("{kind: empirical, file: nowhere.csv}").size() == 1);
  CHECK(wrong(kEmpirical, "1\nx\n2\n-3\n") ==
        Messages{"2:1 expected a number from 0 to 1e+18, got 'x'",
                 "4:1 expected a number from 0 to 1e+18, got '-3'"});
  CHECK(wrong(kEmpirical, "1\nnan\ninf\n").size() == 2);
  CHECK(
      wrong(kEmpirical, "a,b\n1,2\n") ==
      Messages{"1:1 has 2 columns: expected one, or 'column' beside 'file', which is one of a, b"});
  CHECK(wrong("{kind: empirical, file: trace.csv, column: times}", "time,b\n1,2\n") ==
        Messages{"1:1 has no column 'times'; did you mean 'time'?"});
  CHECK(wrong("{kind: empirical, file: trace.csv, column: b}", "a,b\n1,2\n3\n4,x\n") ==
        Messages{"3:1 1 fields, expected 2", "4:3 expected a number from 0 to 1e+18, got 'x'"});
  CHECK(wrong(kEmpirical, "0\n0\n") == Messages{"0:0 has no value above 0"});
  CHECK(wrong(kEmpirical, "time_s\n") == Messages{"0:0 has no values"});
  CHECK(wrong(kEmpirical, "").size() == 1);
}

}  // namespace offcut::scenario::noise_section_test
