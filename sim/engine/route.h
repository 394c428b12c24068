#pragma once

#include <vector>

#include "sim/engine/simulation.h"

namespace offcut {

/// The way that the requests of a class take, and what their plan predicts for it.
struct Route {
  std::size_t farthest = 0;    // tier that they go out to
  std::size_t answer = 0;      // tier from which the answer comes back
  std::vector<Seconds> rest;   // by tier: how long all takes that follows computing there, if idle
  std::vector<Seconds> least;  // by tier: what computing one takes of a core, in the best batch
};

Route route_of(const Simulation& simulation, const RequestClass& of);

}  // namespace offcut
