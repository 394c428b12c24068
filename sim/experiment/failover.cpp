#include "sim/experiment/failover.h"

#include <algorithm>

#include "sim/experiment/compile.h"

namespace offcut::experiment {
namespace {

/// Returns the plan with the layers of a tier on the next one. No machine of the tier takes the
/// request over, so its time per request does not count.
partition::Plan without_tier(const partition::Problem& problem, const partition::Plan& plan,
                             std::size_t tier) {
  partition::Plan moved{
      .algorithm = plan.algorithm, .tier_of = plan.tier_of, .codecs = plan.codecs};
  std::replace(moved.tier_of.begin(), moved.tier_of.end(), tier, tier + 1);
  partition::Problem costs = partition::with_codecs(problem, plan.codecs);
  if (!costs.per_request.empty()) {
    costs.per_request[tier] = Seconds(0);
  }
  moved.cost = partition::evaluate(costs, moved.tier_of);
  return moved;
}

/// Adds those of the tiers from `first` on: a request that has gone on is past the others.
void add_from(std::size_t first, const PreparedModel& model, const partition::Plan& plan,
              std::size_t number, std::vector<engine::Itinerary>& itineraries) {
  const std::vector<scenario::TierChoice>& tiers = model.tiers;
  std::vector<std::optional<std::size_t>> failover(tiers.size());
  for (std::size_t tier = first; tier + 1 < tiers.size(); ++tier) {
    if (!itineraries[number].stages[tier].used) {
      continue;
    }
    const partition::Plan moved = without_tier(model.problem, plan, tier);
    engine::Itinerary next = itinerary_of(model, moved);
    const std::vector<engine::MachineGroup> machines = engine::groups_of(tiers[tier + 1]);
    const bool fits =
        std::all_of(machines.begin(), machines.end(), [&](const engine::MachineGroup& group) {
          return !group.memory || next.stages[tier + 1].model <= *group.memory;
        });
    if (!next.crossings[tier].goes_up || next.stages[tier].used || !fits) {
      continue;
    }
    failover[tier] = itineraries.size();
    itineraries.push_back(std::move(next));
    add_from(tier + 1, model, moved, *failover[tier], itineraries);
  }
  itineraries[number].failover = std::move(failover);
}

}  // namespace

void add_failovers(const PreparedModel& model, const partition::Plan& plan, std::size_t number,
                   std::vector<engine::Itinerary>& itineraries) {
  add_from(1, model, plan, number, itineraries);
}

}  // namespace offcut::experiment
