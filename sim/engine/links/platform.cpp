// SimGrid's platform: a star of hosts whose routes to the centre are the links of one hop. Each hop
// that SimGrid serves has hosts of its own, so flows of different hops never meet.

#include "sim/engine/links/platform.h"

#include <fmt/format.h>

#include <simgrid/s4u.hpp>
#include <stdexcept>

namespace offcut::engine {
namespace {

namespace s4u = simgrid::s4u;

/// Makes a link that keeps the rate that it has at the start.
s4u::Link* make_link(s4u::NetZone* zone, const std::string& name, const network::Rate& rate) {
  return zone->create_link(name, rate.at(0))->set_latency(0);
}

/// Makes a host whose outgoing traffic crosses `out` and whose incoming traffic crosses `in`.
s4u::Host* make_host(s4u::NetZone* zone, const std::string& name,
                     const std::vector<s4u::Link*>& out, const std::vector<s4u::Link*>& in) {
  const auto route = [](const std::vector<s4u::Link*>& links) {
    return std::vector<s4u::LinkInRoute>(links.begin(), links.end());
  };
  s4u::Host* host = zone->create_host(name, 1);
  zone->add_route(host->get_netpoint(), nullptr, nullptr, nullptr, route(out), false);
  zone->add_route(nullptr, host->get_netpoint(), nullptr, nullptr, route(in), false);
  return host;
}

/// Makes one pair of links for all senders. The ends of its flows do not matter, so one near host
/// stands for all of them.
HopEnds shared_hop(s4u::NetZone* zone, const Link& hop) {
  s4u::Link* up = make_link(zone, hop.name + ".up", hop.rates(true)[0]);
  s4u::Link* down = make_link(zone, hop.name + ".down", hop.rates(false)[0]);
  return {{make_host(zone, hop.name + ".near", {up}, {down})},
          make_host(zone, hop.name + ".far", {}, {})};
}

/// Makes a pair of links for each sender, followed by the uplink of its site, if there are uplinks.
/// Its senders are the devices of a group.
HopEnds private_hop(s4u::NetZone* zone, const Link& hop, const network::Attachment& attachment,
                    std::size_t group) {
  HopEnds ends;
  ends.far = make_host(zone, hop.name + ".far", {}, {});
  const network::Rates up = hop.rates(true);
  const network::Rates down = hop.rates(false);
  const network::Rates site_up = hop.site ? hop.site->rates(true) : up;
  const network::Rates site_down = hop.site ? hop.site->rates(false) : down;
  std::vector<s4u::Link*> out = {nullptr};
  std::vector<s4u::Link*> in = {nullptr};
  const std::size_t first = attachment.first_device(group);
  for (std::size_t i = 0; i < attachment.links(group); ++i) {
    if (hop.site &&
        (i == 0 || attachment.uplink_of(first + i) != attachment.uplink_of(first + i - 1))) {
      const std::size_t uplink = attachment.uplink_of(first + i);
      const std::string name = fmt::format("{}.site.{}", hop.name, uplink);
      out.resize(1);
      in.resize(1);
      out.push_back(make_link(zone, name + ".up", site_up[uplink]));
      in.push_back(make_link(zone, name + ".down", site_down[uplink]));
    }
    const std::string name = fmt::format("{}.{}", hop.name, i);
    out[0] = make_link(zone, name + ".up", up[i]);
    in[0] = make_link(zone, name + ".down", down[i]);
    ends.near.push_back(make_host(zone, name, out, in));
  }
  return ends;
}

}  // namespace

s4u::Engine* start_simgrid() {
  if (s4u::Engine::is_initialized()) {
    throw std::logic_error("a process can run one simulation: SimGrid's clock is global");
  }
  const std::string contexts = OFFCUT_CONTEXTS;
  static std::vector<std::string> arguments = {"offcut",
                                               "--log=root.thresh:error",
                                               "--cfg=contexts/factory:" + contexts,
                                               "--cfg=network/model:CM02",
                                               "--cfg=network/crosstraffic:0",
                                               "--cfg=network/TCP-gamma:0",
                                               "--cfg=surf/precision:1e-9"};
  static std::vector<char*> argv;
  for (std::string& argument : arguments) {
    argv.push_back(argument.data());
  }
  argv.push_back(nullptr);
  int argc = static_cast<int>(arguments.size());
  // Never deleted: SimGrid would tear down its global state in an order that the engine does not
  // control, and the process ends after the run anyway.
  return new s4u::Engine(&argc, argv.data());
}

std::string simgrid_version() { return OFFCUT_SIMGRID_VERSION; }

Platform build_platform(const Simulation& simulation, const network::Attachment& attachment,
                        const std::vector<bool>& needed,
                        const std::vector<std::vector<std::size_t>>& computing) {
  s4u::NetZone* zone = s4u::create_star_zone("offcut");
  Platform platform;
  for (std::size_t i = 0; i < simulation.hops.size(); ++i) {
    const Link& hop = simulation.hops[i];
    const bool is_private = i < simulation.groups && !hop.shared;
    platform.hops.push_back(!needed[i]   ? HopEnds()
                            : is_private ? private_hop(zone, hop, attachment, i)
                                         : shared_hop(zone, hop));
  }
  for (std::size_t tier = 0; tier < computing.size(); ++tier) {
    auto& hosts = platform.computing.emplace_back();
    for (std::size_t i = 0; i < computing[tier].size(); ++i) {
      hosts.push_back(zone->create_host(fmt::format("{}.{}", simulation.tiers[tier].name, i), 1)
                          ->set_core_count(static_cast<int>(computing[tier][i])));
    }
  }
  zone->seal();
  return platform;
}

}  // namespace offcut::engine
