#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/engine/simulation.h"

namespace offcut::engine {

/// The legs of a simulation. A message crosses a leg as a whole: one hop, which has the number of
/// its leg, or several at once (partition/legs.h). Messages and connections are by leg; links,
/// outages and radios by hop. With several groups of devices, tiers, hops and legs have the numbers
/// of the simulation. Those of an itinerary are levels: a leg from the devices has one number for
/// each group there.
class Legs {
 public:
  explicit Legs(const Simulation& simulation);

  std::size_t count() const { return legs_.size(); }
  std::size_t hop_count() const { return hops_; }
  /// Return the number of legs of itineraries, a leg's number from its level for the devices of a
  /// group, and its level from its number.
  std::size_t levels() const { return numbers_.size() / groups_; }
  std::size_t number(std::size_t level, std::size_t group) const {
    return numbers_[level * groups_ + group];
  }
  std::size_t level(std::size_t leg) const { return figures_[leg].level; }
  bool is_long(std::size_t leg) const { return leg >= hops_; }
  bool any_long() const { return legs_.size() > hops_; }
  /// Return the tiers at its ends: `from` is nearer to the device.
  std::size_t from(std::size_t leg) const { return figures_[leg].from; }
  std::size_t to(std::size_t leg) const { return figures_[leg].to; }
  /// Returns its hops, outward.
  std::span<const std::size_t> hops(std::size_t leg) const { return legs_[leg].hops; }
  /// Calls `visit` with each of them. Nearly all legs are a hop, for which no vector is read. The
  /// only call is inlined, which two calls would not be.
  template <class Visit>
  void each_hop(std::size_t leg, Visit visit) const {
    const std::span<const std::size_t> hops =
        is_long(leg) ? std::span<const std::size_t>(legs_[leg].hops) : std::span(&leg, 1);
    for (const std::size_t hop : hops) {
      visit(hop);
    }
  }
  /// Returns the hop that it amounts to, without uplinks.
  const partition::Hop& as_hop(std::size_t leg) const { return legs_[leg].hop; }
  double arrival_delay(std::size_t leg) const { return figures_[leg].arrival_delay; }
  /// Divides the time of a message over a long leg among its hops, whose parts are by level: each
  /// has its mean latency, and the slowest one, by mean rates, the rest.
  void divide(std::size_t leg, bool up, Seconds time, std::span<HopPart> parts) const;
  /// Returns whether a leg leaves a device, and the number of the interface that it takes then, in
  /// the order of the hops that leave devices. With several groups of devices, each has one
  /// interface, which has the number of the group.
  bool leaves_device(std::size_t leg) const { return figures_[leg].from < groups_; }
  std::size_t interface(std::size_t leg) const { return figures_[leg].interface; }
  /// Returns the hops that leave devices, by interface.
  std::span<const std::size_t> hops_from_device() const { return from_device_; }

 private:
  /// The figures that each message needs.
  struct Figures {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    std::uint32_t interface = 0;
    std::uint32_t level = 0;
    double arrival_delay = 0;
  };
  struct Leg {
    std::vector<std::size_t> hops;
    partition::Hop hop;
    std::vector<Seconds> latencies;   // Of its hops.
    std::size_t slowest[2] = {0, 0};  // Up and down: an index of `hops`.
  };

  void add(std::vector<std::size_t> hops, std::size_t level, const Simulation& simulation);
  void add_long(const Simulation& simulation);

  std::size_t hops_;
  std::size_t groups_;
  std::vector<std::size_t> numbers_;  // By level and group.
  std::vector<Figures> figures_;      // By leg.
  std::vector<Leg> legs_;
  std::vector<std::size_t> from_device_;
};

/// Return the tiers that a hop connects, with its number and the number of groups of devices.
Link::Ends ends_of(const Link& hop, std::size_t number, std::size_t groups);
Link::Ends ends_of(const Simulation& simulation, std::size_t hop);

}  // namespace offcut::engine
