#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/engine/simulation.h"

namespace offcut::engine {

/// A random system that NaiveSimulator can simulate: a handful of requests on a few machines, with
/// queues, batches, outages, retries, failover and time-outs. It owns the arrivals.
class SmallRandomSystem {
 public:
  enum class Times {
    /// Any, so that no two events happen at the same time by chance.
    any,
    /// Quarters of a second, so that many events happen at the same time, and the order of these
    /// decides. No two messages or requests share a link or processor: rounding would separate what
    /// happens at the same time.
    quarters
  };
  SmallRandomSystem(std::uint64_t seed, Times times);
  Simulation simulation;

 private:
  std::vector<std::unique_ptr<workload::Arrivals>> arrivals_;
};

}  // namespace offcut::engine
