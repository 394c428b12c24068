#pragma once

#include <simgrid/s4u/Engine.hpp>
#include <simgrid/s4u/Host.hpp>
#include <simgrid/s4u/Link.hpp>
#include <vector>

#include "sim/engine/core/legs.h"

namespace offcut::engine {

/// Starts SimGrid, once in a process (std::logic_error on the second call). Under these settings a
/// flow takes exactly size / bandwidth, shared max-min, whereas SimGrid's defaults model TCP; and
/// its default precision of 1e-5 s would merge events that are 10 us apart.
simgrid::s4u::Engine* start_simgrid();

/// The two ends of a leg in SimGrid: a near host for each device if its first links are private,
/// otherwise one for all, and one far host. Flows from near to far cross the up links, flows back
/// the down links, and flows of other legs cross them only if they have the hop in common.
struct LegEnds {
  std::vector<simgrid::s4u::Host*> near;
  simgrid::s4u::Host* far = nullptr;
};

/// A link whose bandwidth changes over time.
struct ChangingLink {
  simgrid::s4u::Link* link;
  network::Rate rate;
};

/// The part of the system that SimGrid serves: the ends of each leg (empty if it does not serve the
/// leg), and the hosts that share their cores, by tier.
struct Platform {
  std::vector<LegEnds> legs;
  std::vector<std::vector<simgrid::s4u::Host*>> computing;
  std::vector<ChangingLink> changing;  // Those links that do: see PlatformRates.
};

/// Builds links and hosts of the legs that are `needed`, in one star zone. Links have no latency:
/// it is an event of the engine's after the flow, since in SimGrid 3.32 a change of latency can
/// lose a flow, and the sender's link is free again once the last bit has left. `computing` is the
/// number of hosts of each tier; they have the tier's cores, each at the speed 1.
Platform build_platform(const Simulation& simulation, const Legs& legs,
                        const network::Attachment& attachment, const std::vector<bool>& needed,
                        const std::vector<std::vector<std::size_t>>& computing);

}  // namespace offcut::engine
