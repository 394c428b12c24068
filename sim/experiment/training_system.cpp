#include "sim/experiment/training_system.h"

#include <algorithm>
#include <stdexcept>

namespace offcut::experiment {

TrainingSystem::TrainingSystem(const scenario::Scenario& scenario)
    : tiers_(scenario.tiers.size()),
      groups_(scenario.groups),
      hops_(scenario.hops),
      attachment_(engine::attachment_of(scenario.tiers, scenario.hops, scenario.groups)) {}

std::size_t TrainingSystem::levels(std::size_t /*device*/) const {
  return engine::levels(tiers_, groups_);
}

std::size_t TrainingSystem::site_of(std::size_t device, std::size_t level) const {
  const std::size_t group = attachment_.group_of(device);
  return level == 0
             ? device
             : attachment_.site_of(engine::number_of(level, group, groups_), device);
}

Seconds TrainingSystem::idle_time(const engine::Message& message, std::size_t together) const {
  const std::size_t group = attachment_.group_of(message.device);
  const scenario::HopChoice& link =
      hops_.at(engine::number_of(message.hop, group, groups_));
  const partition::Hop& hop = link.hop;
  const bool has_own = message.hop == 0 && !link.shared;
  const auto transfer = [&](BytesPerSecond rate, std::size_t messages) {
    return Seconds(static_cast<double>(messages) * message.bytes.si() / rate.si());
  };
  const std::size_t in_cell = link.cell ? std::min(together, link.site ? link.site->devices
                                                                       : attachment_.devices())
                                        : 1;
  Seconds time = transfer(hop.rate(message.up), has_own ? in_cell : together);
  if (message.hop == 0 && link.site) {
    time = std::max(time, transfer(link.site->rate(message.up),
                                   std::min(together, link.site->devices)));
  }
  // Stalls and all that comes after the last bit.
  time += hop.message_time(message.up, message.bytes) - transfer(hop.rate(message.up), 1);
  return link.jitter ? time + link.jitter->mean : time;
}

}  // namespace offcut::experiment
