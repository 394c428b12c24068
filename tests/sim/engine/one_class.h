#pragma once

#include <string>
#include <vector>

#include "sim/engine/simulation.h"

namespace offcut::engine {

/// Returns a hop of these bandwidths, in B/s, and this latency, in s.
constexpr partition::Hop hop(double up, double down, double latency) {
  return {BytesPerSecond(up), BytesPerSecond(down), Seconds(latency)};
}

/// A simulation with one class of requests, whose work is given together with each tier and hop.
/// Scheduling, faults and everything else are at their defaults.
struct OneClass {
  struct TierLoad {
    std::string name;
    std::size_t servers = 1;
    bool used = false;
    Seconds service;
    Seconds tail;
    Noise noise;
  };
  struct HopLoad {
    std::string name;
    partition::Hop hop;
    bool shared = false;
    bool goes_up = false;
    Bytes up_bytes;
    std::vector<Bytes> up_bytes_of_input;
    bool comes_down = false;
    Bytes down_bytes;
  };

  std::uint64_t seed = 1;
  std::vector<TierLoad> tiers;
  std::vector<HopLoad> hops;
  const workload::Arrivals* arrivals = nullptr;
  bool closed_loop = false;
  Stop stop;

  /// Implicit, since it is a shorter form of the same simulation.
  operator Simulation() const {  // NOLINT(google-explicit-constructor)
    Simulation simulation{{.seed = seed, .stop = stop}};
    Itinerary itinerary;
    for (const TierLoad& tier : tiers) {
      simulation.tiers.push_back({.name = tier.name, .servers = tier.servers, .noise = tier.noise});
      itinerary.stages.push_back({.used = tier.used, .service = {tier.service}, .tail = tier.tail});
    }
    for (const HopLoad& hop : hops) {
      simulation.hops.push_back({.name = hop.name, .hop = hop.hop, .shared = hop.shared});
      itinerary.crossings.push_back({.goes_up = hop.goes_up,
                                     .up_bytes = hop.up_bytes,
                                     .up_bytes_of_input = hop.up_bytes_of_input,
                                     .comes_down = hop.comes_down,
                                     .down_bytes = hop.down_bytes});
    }
    simulation.classes.push_back({.arrivals = arrivals, .closed_loop = closed_loop});
    simulation.itineraries.push_back(std::move(itinerary));
    return simulation;
  }
};

}  // namespace offcut::engine
