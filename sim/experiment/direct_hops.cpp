// Looks for plans that use a direct hop: for each set of tiers that can have layers of the model,
// the legs between them are those of all plans that use these tiers.

#include "sim/experiment/direct_hops.h"

#include <fmt/format.h>

#include <algorithm>

#include "partition/legs.h"

namespace offcut::experiment {
namespace {

/// Returns the layers that need not run on the device.
std::vector<LayerId> layers_that_move(const partition::Problem& problem) {
  std::vector<LayerId> layers;
  const auto is_in = [](const std::vector<LayerId>& held, LayerId layer) {
    return std::binary_search(held.begin(), held.end(), layer);
  };
  for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
    if (!is_in(problem.goal.limits.pinned, layer) && !is_in(problem.tail, layer)) {
      layers.push_back(layer);
    }
  }
  return layers;
}

/// Returns the later tiers whose memory is enough for one of the layers.
std::vector<std::size_t> tiers_with_room(const partition::Problem& problem,
                                         const std::vector<LayerId>& layers) {
  const auto& limits = problem.goal.limits.memory;
  std::vector<std::size_t> tiers;
  for (std::size_t tier = 1; tier < problem.tier_count(); ++tier) {
    const bool has_room = std::any_of(layers.begin(), layers.end(), [&](LayerId layer) {
      return limits.empty() || !limits[tier] ||
             problem.memory[layer].parameters + problem.memory[layer].working <= *limits[tier];
    });
    if (has_room) {
      tiers.push_back(tier);
    }
  }
  return tiers;
}

/// Returns for each hop whether a plan can use it.
std::vector<bool> usable_hops(const partition::Problem& problem) {
  const std::vector<LayerId> layers = layers_that_move(problem);
  const std::vector<std::size_t> tiers = tiers_with_room(problem, layers);
  std::vector<bool> usable(problem.hop_count(), false);
  for (std::size_t set = 1; set < std::size_t{1} << tiers.size(); ++set) {
    partition::Assignment tier_of;  // A layer on each tier of the set.
    for (std::size_t i = 0; i < tiers.size(); ++i) {
      if ((set >> i & 1U) != 0) {
        tier_of.push_back(tiers[i]);
      }
    }
    if (tier_of.size() > layers.size()) {
      continue;
    }
    for (const partition::Leg& leg : partition::legs_of(problem, tier_of)) {
      for (const std::size_t hop : leg.hops) {
        usable[hop] = true;
      }
    }
  }
  return usable;
}

}  // namespace

void check_direct_hops(const scenario::Scenario& scenario, const std::vector<PreparedModel>& models,
                       std::vector<Diagnostic>& diagnostics) {
  const bool any = std::any_of(scenario.hops.begin(), scenario.hops.end(),
                               [](const auto& hop) { return hop.direct.has_value(); });
  if (!any) {
    return;
  }
  std::vector<bool> usable(scenario.hops.size(), false);
  for (const PreparedModel& model : models) {
    const std::vector<bool> of_model = usable_hops(model.problem);
    std::transform(usable.begin(), usable.end(), of_model.begin(), usable.begin(),
                   std::logical_or<>());
  }
  for (std::size_t hop = 0; hop < usable.size(); ++hop) {
    if (scenario.hops[hop].direct && !usable[hop]) {
      const engine::Link::Ends ends = *scenario.hops[hop].direct;
      diagnostics.push_back(
          {scenario.hops[hop].place,
           fmt::format(
               "network.{}: no plan can use this direct hop: within the limits of 'plan', no "
               "message passes from {} to {} and leaves out the tiers between them",
               scenario.hops[hop].name, in_quotes(scenario.tiers[ends.from].name),
               in_quotes(scenario.tiers[ends.to].name))});
    }
  }
}

}  // namespace offcut::experiment
