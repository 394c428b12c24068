#pragma once

#include <simgrid/s4u/Host.hpp>
#include <vector>

#include "sim/engine/simulation.h"

namespace offcut {

/// The two ends of a hop in SimGrid: a near host for each device where links are private, else
/// one for all, and one far host. What goes
/// from near to far crosses the hop's up link, and back its down link; nothing else does.
struct HopEnds {
  std::vector<simgrid::s4u::Host*> near;
  simgrid::s4u::Host* far = nullptr;
};

/// Builds links and hosts in one star zone. Links have no latency: it is an event of ours after the
/// flow, since in SimGrid 3.32 a change of latency can lose a flow, and the sender's link is free
/// again once the last bit left. Computing needs no SimGrid host either: service times are events.
std::vector<HopEnds> build_platform(const Simulation& simulation);

}  // namespace offcut
