#pragma once

#include <memory>
#include <vector>

#include "sim/engine/simulation.h"

namespace offcut::engine {

/// A system drawn at random, of everything that the engine can do at once, small and under stress:
/// few machines, short queues, failures every few seconds. Owns what the simulation points to.
class RandomSimulation {
 public:
  explicit RandomSimulation(std::uint64_t seed);
  Simulation simulation;

 private:
  struct Registries;
  std::vector<std::unique_ptr<workload::Arrivals>> arrivals_;
};

/// The simulation in a line or a few, for a message.
std::string describe(const Simulation& simulation);

}  // namespace offcut::engine
