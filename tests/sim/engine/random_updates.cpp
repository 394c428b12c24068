// Pushes of new weights, and data for training, in random simulations.

#include <algorithm>

#include "random_parts.h"

namespace offcut::engine {

void add_updates(Simulation& simulation) {
  Draws draws(simulation.seed, "a random simulation: updates");
  const std::size_t tiers = simulation.tiers.size();
  if (tiers == simulation.groups) {
    return;
  }
  const auto served = [&](bool up) {
    bool all = true;
    for (std::size_t hop = 0; hop + 1 < tiers; ++hop) {
      all = all && is_served_by_engine(simulation, hop, up);
    }
    return all;
  };
  const auto schedule = [&] {
    UpdateSchedule times;
    times.first = draws.seconds(0.1, 5);
    if (draws.one_in(2)) {
      times.every = draws.seconds(0.2, 5);
    } else {
      times.at = {times.first, times.first + draws.seconds(0.1, 3)};
    }
    return times;
  };
  Updates& updates = simulation.updates.emplace();
  ModelUpdate update{.classes = {draws.below(simulation.classes.size())},
                     .schedule = schedule(),
                     .bytes = std::vector<Bytes>(tiers),
                     .is_background = served(false) && draws.one_in(2)};
  for (std::size_t tier = 0; tier + 1 < tiers; ++tier) {
    update.bytes[tier] = Bytes(static_cast<double>(draws.below(4000)));
  }
  updates.models.push_back(std::move(update));
  if (served(true)) {
    updates.uploads.push_back({.tier = draws.below(tiers - 1),
                               .bytes = Bytes(static_cast<double>(draws.from_one_to(3000))),
                               .schedule = schedule()});
  }
}

}  // namespace offcut::engine
