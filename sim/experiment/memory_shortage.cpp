#include "sim/experiment/memory_shortage.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "sim/experiment/weights.h"

namespace offcut::experiment {
namespace {

/// Returns the memory that plans need on the machines of a tier. Groups of devices may run the same
/// model by different plans, which on later tiers share its weights only if these are the same.
Bytes needed_on(const Experiment& experiment, const std::vector<partition::Plan>& plans,
                std::size_t number, std::optional<Bytes> model_memory) {
  const std::size_t groups = experiment.scenario.groups;
  const std::size_t tier = engine::level_of(number, groups);
  Bytes weights(0), working(0);
  std::set<std::pair<std::size_t, double>> known;  // Models, with the size of their weights.
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const PreparedModel& model = experiment.models[i];
    if (plans[i].cost.memory.empty() || (number < groups && model.group != number)) {
      continue;
    }
    const Bytes own = weights_on(model.problem, plans[i].tier_of, tier);
    weights += known.emplace(model.choice, own.si()).second ? own : Bytes(0);
    working = std::max(working, plans[i].cost.memory[tier] - own);
  }
  return std::min(weights, model_memory.value_or(weights)) + working;
}

/// Adds a shortage of the tier, or of a group of its machines, if there is one.
void add_shortage(const Experiment& experiment, const std::vector<partition::Plan>& plans,
                  std::size_t number, const scenario::TierChoice& machines,
                  std::vector<MemoryShortage>& shortages) {
  const auto* device = std::get_if<cost::Device>(&machines.is);
  const Bytes needed = needed_on(experiment, plans, number, machines.memory);
  if (device != nullptr && needed > device->memory) {
    shortages.push_back({number, machines.name, needed, device->memory});
  }
}

}  // namespace

std::vector<MemoryShortage> memory_shortages(const Experiment& experiment,
                                             const std::vector<partition::Plan>& plans) {
  std::vector<MemoryShortage> shortages;
  for (std::size_t tier = 0; tier < experiment.scenario.tiers.size(); ++tier) {
    const scenario::TierChoice& choice = experiment.scenario.tiers[tier];
    for (const scenario::TierChoice& machines : choice.machines) {
      add_shortage(experiment, plans, tier, machines, shortages);
    }
    if (choice.machines.empty()) {
      add_shortage(experiment, plans, tier, choice, shortages);
    }
  }
  return shortages;
}

std::string shortage_text(const Experiment& /*experiment*/, const MemoryShortage& shortage) {
  return fmt::format("'{}' needs {} of memory and has {}", shortage.machines,
                     to_readable(shortage.needed), to_readable(shortage.available));
}

}  // namespace offcut::experiment
