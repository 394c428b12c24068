// Tests of device-only, edge-only and cloud-only.

#include <doctest/doctest.h>

#include "partition/algorithm.h"

namespace offcut::partition::baselines_test {
namespace {

Outcome outcome(const std::string& name, std::vector<std::string> tiers,
                const std::string& tier = "") {
  Registry<Algorithm> registry;
  register_algorithms(registry);
  Problem problem = {
      {.layers = {"a", "b"},
       .tensors = {
           {"in", {}, {0}, Bytes(8)}, {"a", 0, {1}, Bytes(4)}, {"b", 1, {}, Bytes(2), true}}}};
  problem.hops.resize(tiers.size() - 1, {BytesPerSecond(1), BytesPerSecond(1), Seconds(0)});
  problem.seconds.resize(tiers.size(), {Seconds(1), Seconds(1)});
  problem.tiers = std::move(tiers);
  const Algorithm& algorithm = *registry.find(name);
  Parameters parameters = defaults(algorithm.parameters);
  parameters.set("tier", tier);
  return solve(algorithm, problem, parameters);
}

Assignment assignment(const std::string& algorithm, std::vector<std::string> tiers,
                      const std::string& tier = "") {
  return std::get<Plan>(outcome(algorithm, std::move(tiers), tier)).tier_of;
}

}  // namespace

TEST_CASE("device-only: all layers are on the first tier, whatever its name") {
  CHECK(assignment("device-only", {"phone", "edge"}) == Assignment{0, 0});
  CHECK(assignment("device-only", {"cloud"}) == Assignment{0, 0});
}

TEST_CASE("edge-only and cloud-only: the second and the last tier, whatever their names") {
  CHECK(assignment("edge-only", {"phone", "gateway", "rack"}) == Assignment{1, 1});
  CHECK(assignment("cloud-only", {"phone", "gateway", "rack"}) == Assignment{2, 2});
  CHECK(assignment("edge-only", {"device", "cloud"}) == Assignment{1, 1});
  CHECK(assignment("cloud-only", {"device", "cloud"}) == Assignment{1, 1});
  CHECK(assignment("edge-only", {"device", "cloud", "edge"}) == Assignment{1, 1});
}

TEST_CASE("edge-only and cloud-only: all layers are on the tier that 'tier' names") {
  CHECK(assignment("edge-only", {"phone", "gateway", "rack"}, "rack") == Assignment{2, 2});
  CHECK(assignment("cloud-only", {"phone", "gateway", "rack"}, "gateway") == Assignment{1, 1});
  CHECK(assignment("cloud-only", {"phone", "gateway"}, "phone") == Assignment{0, 0});
}

TEST_CASE("edge-only and cloud-only: decline if there is no such tier") {
  const auto declined = std::get<Declined>(outcome("edge-only", {"device", "cloud"}, "clud"));
  CHECK(declined.reason == "there is no tier 'clud'; did you mean 'cloud'?");
  CHECK(declined.parameter == "tier");
  for (const char* name : {"edge-only", "cloud-only"}) {
    CHECK(std::get<Declined>(outcome(name, {"device"})).reason ==
          "there is no tier beside the device");
  }
}

}  // namespace offcut::partition::baselines_test
