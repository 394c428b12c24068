#include "sim/experiment/failover.h"

#include <algorithm>

#include "partition/legs.h"
#include "sim/experiment/compile.h"

namespace offcut::experiment {
namespace {

/// A plan and the problem whose costs it has.
struct Moved {
  partition::Problem costs;
  partition::Plan plan;
};

/// Returns the plan with the layers of a tier on the next one. No machine of the tier takes the
/// request over, so its time per request does not count. But the request is there and goes on from
/// there, and the answer comes back that way: the tier takes whole messages, past which no direct
/// hop leads.
Moved without_tier(const Moved& before, std::size_t tier) {
  Moved moved = before;
  partition::Problem& costs = moved.costs;
  if (!costs.per_request.empty()) {
    costs.per_request[tier] = Seconds(0);
  }
  if (!costs.forwards.empty()) {
    costs.forwards[tier] = false;
  }
  for (partition::DirectHop& hop : costs.direct) {
    if (hop.from < tier && tier < hop.to) {
      hop.is_open = false;
    }
  }
  std::replace(moved.plan.tier_of.begin(), moved.plan.tier_of.end(), tier, tier + 1);
  moved.plan.cost = partition::evaluate(costs, moved.plan.tier_of);
  return moved;
}

/// Adds those of the tiers from `first` on: a request that has gone on is past the others.
void add_from(std::size_t first, const PreparedModel& model, const Moved& before,
              std::size_t number, engine::Simulation& simulation) {
  const std::vector<scenario::TierChoice>& tiers = model.tiers;
  std::vector<engine::Itinerary>& itineraries = simulation.itineraries;
  std::vector<std::optional<std::size_t>> failover(tiers.size());
  for (std::size_t tier = first; tier + 1 < tiers.size(); ++tier) {
    if (!itineraries[number].stages[tier].used) {
      continue;
    }
    const Moved moved = without_tier(before, tier);
    const std::vector<partition::Leg> legs = partition::legs_of(moved.costs, moved.plan.tier_of);
    const bool goes_on = std::any_of(legs.begin(), legs.end(),
                                     [&](const partition::Leg& leg) { return leg.from == tier; });
    engine::Itinerary next = itinerary_of(model, moved.costs, moved.plan, simulation.long_legs);
    const std::vector<engine::MachineGroup> machines = engine::groups_of(tiers[tier + 1]);
    const bool fits =
        std::all_of(machines.begin(), machines.end(), [&](const engine::MachineGroup& group) {
          return !group.memory || next.stages[tier + 1].model <= *group.memory;
        });
    if (!goes_on || next.stages[tier].used || !fits) {
      continue;
    }
    failover[tier] = itineraries.size();
    itineraries.push_back(std::move(next));
    add_from(tier + 1, model, moved, *failover[tier], simulation);
  }
  itineraries[number].failover = std::move(failover);
}

}  // namespace

void add_failovers(const PreparedModel& model, const partition::Plan& plan, std::size_t number,
                   engine::Simulation& simulation) {
  const partition::Plan planned{
      .algorithm = plan.algorithm, .tier_of = plan.tier_of, .codecs = plan.codecs};
  add_from(1, model, {partition::with_codecs(model.problem, plan.codecs), planned}, number,
           simulation);
}

}  // namespace offcut::experiment
