#include "sim/engine/core/drop_reasons.h"

#include <algorithm>

namespace offcut::engine {

DropReasons::DropReasons(const Simulation& simulation) {
  for (const Tier& tier : simulation.tiers) {
    rejected_.push_back(add(bool(tier.scheduling.admission), tier.name + " rejects"));
    machine_.push_back(add(tier.faults.any(), tier.name + " failed"));
  }
  for (const Link& hop : simulation.hops) {
    link_.push_back(add(hop.faults.any(), hop.name + " failed"));
  }
  too_often_ = add(!texts_.empty(), "failed too often");
  timed_out_ = add(std::any_of(simulation.classes.begin(), simulation.classes.end(),
                               [](const RequestClass& request_class) {
                                 return request_class.time_out.after < kNever;
                               }),
                   "timed out");
  battery_empty_ = add(std::any_of(simulation.tiers.begin(), simulation.tiers.end(),
                                   [](const Tier& tier) { return tier.battery.has_value(); }),
                       "battery empty");
  handover_ = add(simulation.mobility && simulation.mobility->under_way == Mobility::UnderWay::drop,
                  "handover");
}

/// A reason that is not possible shares its number with the next one, and is never used.
DropReason DropReasons::add(bool possible, const std::string& text) {
  const auto number = static_cast<DropReason>(texts_.size());
  if (possible) {
    texts_.push_back(text);
  }
  return number;
}

std::vector<std::string> drop_reasons(const Simulation& simulation) {
  return DropReasons(simulation).texts();
}

}  // namespace offcut::engine
