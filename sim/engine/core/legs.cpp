// The legs of a simulation: figures that messages over one or several hops have in common, computed
// once at the start of a run.

#include "sim/engine/core/legs.h"

#include <algorithm>

#include "partition/legs.h"

namespace offcut::engine {

Link::Ends ends_of(const Simulation& simulation, std::size_t hop) {
  return simulation.hops[hop].direct.value_or(Link::Ends{hop, hop + 1});
}

Legs::Legs(const Simulation& simulation) : hops_(simulation.hops.size()) {
  for (std::size_t hop = 0; hop < hops_; ++hop) {
    if (ends_of(simulation, hop).from == 0) {
      from_device_.push_back(hop);
    }
  }
  for (std::size_t hop = 0; hop < hops_; ++hop) {
    add({hop}, simulation);
  }
  for (const std::vector<std::size_t>& hops : simulation.long_legs) {
    add(hops, simulation);
  }
}

void Legs::add(std::vector<std::size_t> hops, const Simulation& simulation) {
  Leg leg;
  std::vector<partition::Hop> all;
  for (const std::size_t hop : hops) {
    all.push_back(simulation.hops[hop].hop);
    leg.latencies.push_back(all.back().latency);
    for (const bool up : {true, false}) {
      std::size_t& slowest = leg.slowest[up ? 0 : 1];
      if (all.back().rate(up) < all[slowest].rate(up)) {
        slowest = all.size() - 1;
      }
    }
  }
  leg.hop = partition::joined(all);
  const auto interface = std::find(from_device_.begin(), from_device_.end(), hops.front());
  const auto number =
      interface != from_device_.end() ? std::distance(from_device_.begin(), interface) : 0;
  figures_.push_back({.from = static_cast<std::uint32_t>(ends_of(simulation, hops.front()).from),
                      .to = static_cast<std::uint32_t>(ends_of(simulation, hops.back()).to),
                      .interface = static_cast<std::uint32_t>(number),
                      .arrival_delay = leg.hop.arrival_delay().si()});
  leg.hops = std::move(hops);
  legs_.push_back(std::move(leg));
}

void Legs::divide(std::size_t number, bool up, Seconds time, std::span<HopPart> parts) const {
  const Leg& leg = legs_[number];
  const auto part = [&](std::size_t hop) -> Seconds& {
    return up ? parts[leg.hops[hop]].up : parts[leg.hops[hop]].down;
  };
  for (std::size_t hop = 0; hop < leg.hops.size(); ++hop) {
    part(hop) += leg.latencies[hop];
    time -= leg.latencies[hop];
  }
  part(leg.slowest[up ? 0 : 1]) += std::max(time, Seconds(0));  // Below 0 only by rounding.
}

}  // namespace offcut::engine
