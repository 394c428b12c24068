#include "sim/experiment/updates.h"

#include <algorithm>
#include <cmath>

#include "sim/experiment/weights.h"

namespace offcut::experiment {
namespace {

std::vector<Bytes> update_sizes(const Experiment& experiment,
                                const std::vector<partition::Plan>& plans, std::size_t choice) {
  const scenario::Scenario& scenario = experiment.scenario;
  const scenario::WeightsChoice& weights = *scenario.updates.weights;
  std::vector<Bytes> sizes(scenario.tiers.size());
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const PreparedModel& model = experiment.models[i];
    for (std::size_t level = 0; model.choice == choice && level < model.tiers.size(); ++level) {
      const std::size_t tier = engine::number_of(level, model.group, scenario.groups);
      const Bytes own = weights_on(model.problem, plans[i].tier_of, level);
      sizes[tier] = std::max(sizes[tier], own > Bytes(0) ? weights.size.value_or(own) : own);
    }
  }
  for (std::size_t tier = 0; tier < sizes.size(); ++tier) {
    const bool gets_it =
        std::find(weights.tiers.begin(), weights.tiers.end(), tier) != weights.tiers.end();
    sizes[tier] = gets_it ? Bytes(std::ceil(sizes[tier].si())) : Bytes(0);
  }
  return sizes;
}

}  // namespace

void add_updates(const Experiment& experiment, const std::vector<partition::Plan>& plans,
                 engine::Simulation& simulation) {
  const scenario::Scenario& scenario = experiment.scenario;
  const scenario::UpdatesChoice& choice = scenario.updates;
  if (!choice.any()) {
    return;
  }
  engine::Updates& updates = simulation.updates.emplace();
  for (const std::size_t model :
       choice.weights ? choice.weights->models : std::vector<std::size_t>()) {
    engine::ModelUpdate update{.classes = {},
                               .schedule = choice.weights->schedule,
                               .bytes = update_sizes(experiment, plans, model),
                               .is_background = choice.weights->is_background};
    for (std::size_t i = 0; i < scenario.classes.size(); ++i) {
      if (scenario.classes[i].model_index() == model) {
        update.classes.push_back(i);
      }
    }
    updates.models.push_back(std::move(update));
  }
  const bool is_of_devices = choice.data && choice.data->tier < scenario.groups;
  for (std::size_t group = 0; choice.data && group < (is_of_devices ? scenario.groups : 1);
       ++group) {
    updates.uploads.push_back(*choice.data);
    updates.uploads.back().tier = is_of_devices ? group : choice.data->tier;
  }
}

}  // namespace offcut::experiment
