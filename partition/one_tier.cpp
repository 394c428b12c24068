#include "partition/one_tier.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace offcut {

std::variant<Assignment, Declined> all_on(const Problem& problem, const std::string& tier) {
  const auto index = problem.find_tier(tier);
  if (!index) {
    return Declined{
        fmt::format("there is no tier '{}' (tiers: {})", tier, fmt::join(problem.tiers, ", "))};
  }
  return Assignment(problem.layer_count(), *index);
}

}  // namespace offcut
