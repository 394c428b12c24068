// Tests of device-only, edge-only and cloud-only.

#include <doctest/doctest.h>

#include "partition/algorithm.h"

namespace offcut::partition {
namespace {

Outcome outcome(const std::string& algorithm, std::vector<std::string> tiers) {
  Registry<Algorithm> registry;
  register_algorithms(registry);
  Problem problem = {
      {.layers = {"a", "b"},
       .tensors = {
           {"in", {}, {0}, Bytes(8)}, {"a", 0, {1}, Bytes(4)}, {"b", 1, {}, Bytes(2), true}}}};
  problem.hops.resize(tiers.size() - 1, {BytesPerSecond(1), BytesPerSecond(1), Seconds(0)});
  problem.seconds.resize(tiers.size(), {Seconds(1), Seconds(1)});
  problem.tiers = std::move(tiers);
  return solve(*registry.find(algorithm), problem, {});
}

Assignment assignment(const std::string& algorithm, std::vector<std::string> tiers) {
  return std::get<Plan>(outcome(algorithm, std::move(tiers))).tier_of;
}

}  // namespace

TEST_CASE("device-only: all layers are on the first tier, whatever its name") {
  CHECK(assignment("device-only", {"phone", "edge"}) == Assignment{0, 0});
  CHECK(assignment("device-only", {"cloud"}) == Assignment{0, 0});
}

TEST_CASE("edge-only and cloud-only: all layers are on the tier of that name, in any position") {
  CHECK(assignment("edge-only", {"device", "edge", "cloud"}) == Assignment{1, 1});
  CHECK(assignment("cloud-only", {"device", "edge", "cloud"}) == Assignment{2, 2});
  CHECK(assignment("cloud-only", {"device", "cloud"}) == Assignment{1, 1});
}

TEST_CASE("edge-only and cloud-only: decline if there is no such tier") {
  CHECK(std::get<Declined>(outcome("edge-only", {"device", "cloud"})).reason ==
        "there is no tier 'edge' (tiers: device, cloud)");
  CHECK(std::get<Declined>(outcome("cloud-only", {"device"})).reason ==
        "there is no tier 'cloud' (tiers: device)");
}

}  // namespace offcut::partition
