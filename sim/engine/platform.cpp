#include "sim/engine/platform.h"

#include <fmt/format.h>

#include <simgrid/s4u.hpp>

namespace offcut {
namespace {

namespace s4u = simgrid::s4u;

s4u::Link* make_link(s4u::NetZone* zone, const std::string& name, BytesPerSecond bandwidth) {
  return zone->create_link(name, bandwidth.si())->set_latency(0);
}

/// A host whose outgoing traffic crosses `out` and whose incoming traffic crosses `in` (null:
/// nothing).
s4u::Host* make_host(s4u::NetZone* zone, const std::string& name, s4u::Link* out, s4u::Link* in) {
  const auto route = [](s4u::Link* link) {
    return link == nullptr ? std::vector<s4u::LinkInRoute>{} : std::vector{s4u::LinkInRoute(link)};
  };
  s4u::Host* host = zone->create_host(name, 1);
  zone->add_route(host->get_netpoint(), nullptr, nullptr, nullptr, route(out), false);
  zone->add_route(nullptr, host->get_netpoint(), nullptr, nullptr, route(in), false);
  return host;
}

/// One pair of links for all senders. The ends of its flows do not matter, so one near host stands
/// for all.
HopEnds shared_hop(s4u::NetZone* zone, const HopLoad& hop) {
  return {{make_host(zone, hop.name + ".near", nullptr, nullptr)},
          make_host(zone, hop.name + ".far", make_link(zone, hop.name + ".down", hop.hop.down),
                    make_link(zone, hop.name + ".up", hop.hop.up))};
}

HopEnds private_hop(s4u::NetZone* zone, const HopLoad& hop, std::size_t senders) {
  HopEnds ends;
  ends.far = make_host(zone, hop.name + ".far", nullptr, nullptr);
  for (std::size_t i = 0; i < senders; ++i) {
    const std::string name = fmt::format("{}.{}", hop.name, i);
    ends.near.push_back(make_host(zone, name, make_link(zone, name + ".up", hop.hop.up),
                                  make_link(zone, name + ".down", hop.hop.down)));
  }
  return ends;
}

}  // namespace

std::vector<HopEnds> build_platform(const Simulation& simulation) {
  s4u::NetZone* zone = s4u::create_star_zone("offcut");
  std::vector<HopEnds> ends;
  for (std::size_t i = 0; i < simulation.hops.size(); ++i) {
    const HopLoad& hop = simulation.hops[i];
    const bool is_private = i == 0 && !hop.shared;
    ends.push_back(is_private ? private_hop(zone, hop, simulation.tiers.front().servers)
                              : shared_hop(zone, hop));
  }
  zone->seal();
  return ends;
}

}  // namespace offcut
