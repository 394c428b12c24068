#include "sim/experiment/plan_notes.h"

#include <fmt/format.h>

#include "sim/experiment/memory_shortage.h"

namespace offcut::experiment {
namespace {

void add_batch_objectives(const Experiment& experiment, const std::vector<partition::Plan>& plans,
                          std::vector<std::string>& notes) {
  for (std::size_t tier = 0; tier < experiment.scenario.tiers.size(); ++tier) {
    const scenario::TierChoice& choice = experiment.scenario.tiers[tier];
    const auto& batching = choice.scheduling.batching;
    if (!batching || batching.kind->objective == nullptr) {
      continue;
    }
    const Seconds objective = batching.kind->objective(batching.parameters);
    for (std::size_t i = 0; i < plans.size(); ++i) {
      const partition::Cost& cost = plans[i].cost;
      const Seconds one = cost.compute[tier] - (tier == 0 ? cost.tail : Seconds(0));
      if (one > objective) {
        notes.push_back(fmt::format(
            "one request{} takes {} on {}, more than the batch objective, {}: no batch can keep it",
            plans.size() > 1 ? " of " + experiment.models[i].name : "", to_readable(one),
            choice.name, to_readable(objective)));
      }
    }
  }
}

}  // namespace

std::vector<std::string> plan_notes(const Experiment& experiment,
                                    const std::vector<partition::Plan>& plans) {
  std::vector<std::string> notes;
  for (const MemoryShortage& shortage : memory_shortages(experiment, plans)) {
    notes.push_back(shortage_text(experiment, shortage) +
                    "; the run does not take this into account (memory: enforce refuses it)");
  }
  add_batch_objectives(experiment, plans, notes);
  return notes;
}

}  // namespace offcut::experiment
