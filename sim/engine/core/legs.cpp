// The legs of a simulation: figures that messages over one or several hops have in common, computed
// once at the start of a run.

#include "sim/engine/core/legs.h"

#include <algorithm>

#include "partition/legs.h"

namespace offcut::engine {

Link::Ends ends_of(const Link& hop, std::size_t number, std::size_t groups) {
  return hop.direct.value_or(Link::Ends{number, std::max(number, groups - 1) + 1});
}

Link::Ends ends_of(const Simulation& simulation, std::size_t hop) {
  return ends_of(simulation.hops[hop], hop, simulation.groups);
}

Legs::Legs(const Simulation& simulation)
    : hops_(simulation.hops.size()), groups_(simulation.groups) {
  for (std::size_t hop = 0; hop < hops_; ++hop) {
    if (ends_of(simulation, hop).from < groups_) {
      from_device_.push_back(hop);
    }
  }
  for (std::size_t hop = 0; hop < hops_; ++hop) {
    add({hop}, level_of(hop, groups_), simulation);
  }
  for (std::size_t level = 0; level < engine::levels(hops_, groups_); ++level) {
    for (std::size_t group = 0; group < groups_; ++group) {
      numbers_.push_back(number_of(level, group, groups_));
    }
  }
  add_long(simulation);
}

/// Adds the long legs: one from the devices for each of their groups, others once.
void Legs::add_long(const Simulation& simulation) {
  for (const std::vector<std::size_t>& levels : simulation.long_legs) {
    std::vector<std::size_t> added;  // By group.
    for (std::size_t group = 0; group < groups_; ++group) {
      std::vector<std::size_t> hops;
      for (const std::size_t hop : levels) {
        hops.push_back(number_of(hop, group, groups_));
      }
      const bool is_same = group > 0 && hops == legs_.back().hops;
      if (!is_same) {
        add(std::move(hops), this->levels(), simulation);
      }
      added.push_back(legs_.size() - 1);
    }
    numbers_.insert(numbers_.end(), added.begin(), added.end());
  }
}

void Legs::add(std::vector<std::size_t> hops, std::size_t level, const Simulation& simulation) {
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
                      .level = static_cast<std::uint32_t>(level),
                      .arrival_delay = leg.hop.arrival_delay().si()});
  leg.hops = std::move(hops);
  legs_.push_back(std::move(leg));
}

void Legs::divide(std::size_t number, bool up, Seconds time, std::span<HopPart> parts) const {
  const Leg& leg = legs_[number];
  const auto part = [&](std::size_t hop) -> Seconds& {
    HopPart& of_hop = parts[level(leg.hops[hop])];
    return up ? of_hop.up : of_hop.down;
  };
  // A message may be faster than latencies that change are on average.
  constexpr double kRounding = 1e-9;
  const Seconds latency = leg.hop.latency;
  const double share = time < latency * (1 - kRounding) ? time.si() / latency.si() : 1;
  for (std::size_t hop = 0; hop < leg.hops.size(); ++hop) {
    part(hop) += leg.latencies[hop] * share;
    time -= leg.latencies[hop] * share;
  }
  part(leg.slowest[up ? 0 : 1]) += std::max(time, Seconds(0));  // Below 0 only by rounding.
}

}  // namespace offcut::engine
