#pragma once

#include <simgrid/s4u/Engine.hpp>
#include <simgrid/s4u/Host.hpp>
#include <vector>

#include "sim/engine/simulation.h"

namespace offcut::engine {

/// Starts SimGrid, once in a process (std::logic_error on the second call), with settings under
/// which a flow takes exactly size / bandwidth, shared max-min: its defaults model TCP. Precision:
/// the default of 1e-5 s would merge events that are 10 us apart.
simgrid::s4u::Engine* start_simgrid();

/// The two ends of a hop in SimGrid: a near host for each device where links are private, else
/// one for all, and one far host. What goes from near to far crosses the up link, and back the down
/// link; nothing else does.
struct HopEnds {
  std::vector<simgrid::s4u::Host*> near;
  simgrid::s4u::Host* far = nullptr;
};

/// What SimGrid serves: the ends of each hop (empty where it does not serve the hop), and the hosts
/// that share their cores, by tier.
struct Platform {
  std::vector<HopEnds> hops;
  std::vector<std::vector<simgrid::s4u::Host*>> computing;
};

/// Builds links and hosts of those hops for which `needed` says so, in one star zone. Links have no
/// latency: it is an event of ours after the flow, since in SimGrid 3.32 a change of latency can
/// lose a flow, and the sender's link is free again once the last bit left. `computing`: for each
/// tier so many hosts, of the tier's cores, each at the speed 1.
Platform build_platform(const Simulation& simulation, const network::Attachment& attachment,
                        const std::vector<bool>& needed, const std::vector<std::size_t>& computing);

}  // namespace offcut::engine
