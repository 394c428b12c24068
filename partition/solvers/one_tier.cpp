#include "partition/solvers/one_tier.h"

#include <fmt/format.h>

#include <utility>

#include "models/base/error.h"

namespace offcut::partition {

ParameterSpec tier_parameter(std::string absent) {
  return {.name = "tier",
          .is_text = true,
          .doc = "tier on which the layers run",
          .example = "edge",
          .absent = std::move(absent),
          .is_tier = true};
}

std::variant<Assignment, Declined> all_on(const CostTable& costs, const Parameters& parameters,
                                          std::size_t default_tier) {
  const std::string& name = parameters.text("tier");
  if (name.empty()) {
    return default_tier > 0 && default_tier < costs.tiers.size()
               ? std::variant<Assignment, Declined>(Assignment(costs.layer_count(), default_tier))
               : Declined{"there is no tier beside the device"};
  }
  const auto index = costs.find_tier(name);
  if (!index) {
    return Declined{
        fmt::format("there is no tier {}{}", in_quotes(name), suggestion(name, costs.tiers)),
        "tier"};
  }
  return Assignment(costs.layer_count(), *index);
}

}  // namespace offcut::partition
