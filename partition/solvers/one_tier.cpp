#include "partition/solvers/one_tier.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace offcut::partition {

std::variant<Assignment, Declined> all_on(const CostTable& costs, const std::string& tier) {
  const auto index = costs.find_tier(tier);
  if (!index) {
    return Declined{
        fmt::format("there is no tier '{}' (tiers: {})", tier, fmt::join(costs.tiers, ", "))};
  }
  return Assignment(costs.layer_count(), *index);
}

}  // namespace offcut::partition
