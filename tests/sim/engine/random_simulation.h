#pragma once

#include <memory>
#include <vector>

#include "sim/engine/simulation.h"

namespace offcut::engine {

/// A random system with all features of the engine at once, small and under stress: few machines,
/// short queues, failures every few seconds. It owns the objects that the simulation points to.
class RandomSimulation {
 public:
  explicit RandomSimulation(std::uint64_t seed);
  Simulation simulation;

  struct Registries;

 private:
  std::vector<std::unique_ptr<workload::Arrivals>> arrivals_;
};

/// Gives all links headers, a time per message, and TCP connections whose stalls are long:
/// latencies are high, and windows begin with a segment.
void add_tcp(Simulation& simulation);

/// Adds one or two groups of devices, with links, power draws and failures of their own, lets some
/// classes come from a part of the groups, and makes the machines of some later tiers unlike.
void add_groups(Simulation& simulation);

/// Adds direct hops, and lets messages pass tiers that do not compute, over long legs and these.
void add_routes(Simulation& simulation);

/// Lets devices move between the places that they have, if there is more than one tier, and share
/// Wi-Fi cells.
void add_mobility(Simulation& simulation);
/// Lets rates and latencies of all hops and uplinks change over time, to 0 and back, too.
void add_moving_rates(Simulation& simulation);
/// Adds updates, in the background where the engine serves the links itself.
void add_updates(Simulation& simulation);

/// Describes the simulation in a few lines, for a message.
std::string describe(const Simulation& simulation);

}  // namespace offcut::engine
