// Says what the prediction of waits does not cover: arrivals without a rate of their own, unlike
// machines or devices, and numbers of machines or devices that change.

#include "sim/scenario/predictable_load.h"

#include <fmt/format.h>

namespace offcut::scenario {

std::vector<std::string> reasons_unpredictable(const Scenario& scenario) {
  std::vector<std::string> reasons;
  for (const ClassChoice& requests : scenario.classes) {
    if (requests.arrival_kind == nullptr) {
      continue;
    }
    const std::string of_class =
        scenario.classes.size() > 1 ? fmt::format(" of class '{}'", requests.name) : "";
    if (requests.arrival_kind->closed_loop) {
      reasons.push_back(
          fmt::format("the load{} depends on the answers ('{}' is a closed loop): "
                      "expected arrivals with a rate",
                      of_class, requests.arrival_kind->name));
    } else if (!(requests.arrival_kind->rate(requests.parameters) > PerSecond(0))) {
      reasons.push_back(fmt::format("'{}'{} states no rate: expected arrivals with a rate",
                                    requests.arrival_kind->name, of_class));
    }
  }
  for (const TierChoice& tier : scenario.tiers) {
    if (!tier.machines.empty()) {
      reasons.push_back(
          fmt::format("the waits at unlike machines are not predicted: expected no "
                      "'tiers.{}.groups'",
                      tier.name));
    }
    if (!tier.slowness.empty() || !tier.link_rates.empty()) {
      reasons.push_back(
          fmt::format("the waits at devices of different speeds are not predicted: expected no "
                      "'{}.{}.capacity'",
                      tier.section, tier.name));
    }
    if (!tier.availability.empty()) {
      reasons.push_back(
          fmt::format("the load of devices that come and go is not predicted: expected no "
                      "'{}.{}.availability'",
                      tier.section, tier.name));
    }
    if (tier.autoscaler) {
      reasons.push_back(
          fmt::format("the number of machines of '{}' follows the load: expected no "
                      "'tiers.{}.autoscale'",
                      tier.name, tier.name));
    }
  }
  return reasons;
}

}  // namespace offcut::scenario
