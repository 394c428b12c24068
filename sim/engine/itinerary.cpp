#include "sim/engine/itinerary.h"

#include <algorithm>

namespace offcut::engine {

Itinerary on_device_alone(Seconds service, std::size_t tiers, Bytes model) {
  Itinerary alone{.stages = std::vector<Stage>(tiers),
                  .crossings = std::vector<Crossing>(tiers - 1)};
  alone.stages.front() = {.used = true, .service = {service}, .model = model};
  return alone;
}

bool is_on_device_alone(const Itinerary& itinerary) {
  const std::vector<Stage>& stages = itinerary.stages;
  return !stages.empty() && stages.front().used && stages.front().tail == Seconds(0) &&
         std::none_of(stages.begin() + 1, stages.end(),
                      [](const Stage& stage) { return stage.used; }) &&
         std::none_of(
             itinerary.crossings.begin(), itinerary.crossings.end(),
             [](const Crossing& crossing) { return crossing.goes_up || crossing.comes_down; });
}

}  // namespace offcut::engine
