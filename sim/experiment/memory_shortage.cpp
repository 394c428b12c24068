#include "sim/experiment/memory_shortage.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/experiment/weights.h"

namespace offcut::experiment {
namespace {

Bytes needed_on(const Experiment& experiment, const std::vector<partition::Plan>& plans,
                std::size_t tier) {
  Bytes weights(0), working(0);
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (plans[i].cost.memory.empty()) {
      continue;
    }
    const Bytes own = weights_on(experiment.models[i].problem, plans[i].tier_of, tier);
    weights += own;
    working = std::max(working, plans[i].cost.memory[tier] - own);
  }
  return std::min(weights, experiment.scenario.tiers[tier].memory.value_or(weights)) + working;
}

}  // namespace

std::vector<MemoryShortage> memory_shortages(const Experiment& experiment,
                                             const std::vector<partition::Plan>& plans) {
  std::vector<MemoryShortage> shortages;
  for (std::size_t tier = 0; tier < experiment.scenario.tiers.size(); ++tier) {
    const auto* device = std::get_if<cost::Device>(&experiment.scenario.tiers[tier].is);
    const Bytes needed = needed_on(experiment, plans, tier);
    if (device != nullptr && needed > device->memory) {
      shortages.push_back({tier, needed, device->memory});
    }
  }
  return shortages;
}

std::string shortage_text(const Experiment& experiment, const MemoryShortage& shortage) {
  return fmt::format("'{}' needs {} of memory and has {}",
                     experiment.scenario.tiers[shortage.tier].name, to_readable(shortage.needed),
                     to_readable(shortage.available));
}

}  // namespace offcut::experiment
