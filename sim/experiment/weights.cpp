#include "sim/experiment/weights.h"

#include <fmt/format.h>

namespace offcut::experiment {

Bytes weights_on(const partition::Problem& problem, const partition::Assignment& tier_of,
                 std::size_t tier) {
  Bytes sum(0);
  for (LayerId layer = 0; layer < problem.memory.size(); ++layer) {
    sum += tier_of[layer] == tier ? problem.memory[layer].parameters : Bytes(0);
  }
  return sum * problem.memory_share_on(tier);
}

std::optional<WeightsShortage> weights_shortage(const PreparedModel& model,
                                                const partition::Assignment& tier_of) {
  for (std::size_t i = 0; i < model.tiers.size(); ++i) {
    const scenario::TierChoice& tier = model.tiers[i];
    const Bytes needed = weights_on(model.problem, tier_of, i);
    if (tier.memory && needed > *tier.memory) {
      return WeightsShortage{tier, needed};
    }
    for (const scenario::TierChoice& machines : tier.machines) {
      if (machines.memory && needed > *machines.memory) {
        return WeightsShortage{machines, needed};
      }
    }
  }
  return std::nullopt;
}

std::optional<Diagnostic> memory_error(const scenario::Scenario& scenario,
                                       const PreparedModel& model, const partition::Plan& plan) {
  const auto shortage = weights_shortage(model, plan.tier_of);
  if (!shortage) {
    return std::nullopt;
  }
  const scenario::TierChoice& machines = shortage->machines;
  return Diagnostic{
      machines.memory_place,
      fmt::format("{}.{}.model-memory: {} under '{}' has {} of weights there, {} "
                  "are available",
                  machines.section, machines.name,
                  scenario.models.size() > 1 ? model.name : model.graph.name(), plan.algorithm,
                  to_readable(shortage->needed), to_readable(*machines.memory))};
}

}  // namespace offcut::experiment
