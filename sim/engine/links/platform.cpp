// SimGrid's platform: a star of hosts whose routes to the centre are the links of one leg. Each leg
// that SimGrid serves has hosts of its own, and shares links with those that have hops in common.

#include "sim/engine/links/platform.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <simgrid/s4u.hpp>
#include <stdexcept>

namespace offcut::engine {
namespace {

namespace s4u = simgrid::s4u;

/// Makes links, and keeps those whose rates change.
class LinkMaker {
 public:
  LinkMaker(s4u::NetZone* zone, std::vector<ChangingLink>& changing)
      : zone_(zone), changing_(changing) {}

  s4u::Link* make(const std::string& name, const network::Rate& rate) {
    s4u::Link* link = zone_->create_link(name, rate.at(0))->set_latency(0);
    if (!rate.is_constant()) {
      changing_.push_back({link, rate});
    }
    return link;
  }

 private:
  s4u::NetZone* zone_;
  std::vector<ChangingLink>& changing_;
};

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

/// The links of a hop in one direction.
struct HopLinks {
  std::vector<s4u::Link*> own;
  std::vector<s4u::Link*> site;  // The uplinks after them; empty if there are none.
};

/// Makes the links of a hop, device by device, from the first one that uses it on; an uplink comes
/// before the links of its devices.
void make_links(LinkMaker maker, const Link& hop, std::size_t first, std::size_t links,
                const network::Attachment& attachment, HopLinks& up, HopLinks& down) {
  // Each call would copy the rates of all links.
  const network::Rates own_up = hop.rates(true), own_down = hop.rates(false);
  const network::Rates site_up = hop.site ? hop.site->rates(true) : own_up;
  const network::Rates site_down = hop.site ? hop.site->rates(false) : own_down;
  for (std::size_t i = 0; i < links; ++i) {
    if (hop.site &&
        (i == 0 || attachment.uplink_of(first + i) != attachment.uplink_of(first + i - 1))) {
      const std::size_t uplink = attachment.uplink_of(first + i);
      const std::string name = fmt::format("{}.site.{}", hop.name, uplink);
      up.site.push_back(maker.make(name + ".up", site_up[uplink]));
      down.site.push_back(maker.make(name + ".down", site_down[uplink]));
    }
    const std::string name = links == 1 ? hop.name : fmt::format("{}.{}", hop.name, i);
    up.own.push_back(maker.make(name + ".up", own_up[i]));
    down.own.push_back(maker.make(name + ".down", own_down[i]));
  }
}

/// Makes the links of hops when a leg first needs them, and the ends of legs.
class PlatformMaker {
 public:
  PlatformMaker(const Simulation& simulation, const Legs& legs,
                const network::Attachment& attachment, s4u::NetZone* zone,
                std::vector<ChangingLink>& changing)
      : simulation_(simulation),
        legs_(legs),
        attachment_(attachment),
        zone_(zone),
        links_(zone, changing),
        up_(simulation.hops.size()),
        down_(simulation.hops.size()) {}

  /// The ends of its flows do not matter, so a leg without private links has one near host.
  LegEnds ends(std::size_t leg) {
    for (const std::size_t hop : legs_.hops(leg)) {
      if (up_[hop].own.empty()) {
        make_links(links_, simulation_.hops[hop], first_device(hop), attachment_.links(hop),
                   attachment_, up_[hop], down_[hop]);
      }
    }
    const std::string name = name_of(leg);
    const std::size_t nears = attachment_.links(legs_.hops(leg).front());
    const std::size_t first = first_device(leg);
    LegEnds ends;
    for (std::size_t i = 0; i < nears; ++i) {
      ends.near.push_back(make_host(zone_,
                                    nears == 1 ? name + ".near" : fmt::format("{}.{}", name, i),
                                    way(up_, leg, first + i), way(down_, leg, first + i)));
    }
    ends.far = make_host(zone_, name + ".far", {}, {});
    return ends;
  }

 private:
  /// Returns the first of the devices whose messages may cross a hop or a leg.
  std::size_t first_device(std::size_t leg) const {
    return legs_.leaves_device(leg) ? attachment_.first_device(legs_.from(leg)) : 0;
  }
  std::string name_of(std::size_t leg) const {
    std::vector<std::string> names;
    for (const std::size_t hop : legs_.hops(leg)) {
      names.push_back(simulation_.hops[hop].name);
    }
    return fmt::format("{}", fmt::join(names, "+"));
  }

  /// Returns the links that the flows of a device cross.
  std::vector<s4u::Link*> way(const std::vector<HopLinks>& links, std::size_t leg,
                              std::size_t device) const {
    std::vector<s4u::Link*> all;
    for (const std::size_t hop : legs_.hops(leg)) {
      all.push_back(links[hop].own[attachment_.link_of(hop, device)]);
      if (!links[hop].site.empty()) {
        all.push_back(links[hop].site[attachment_.uplink_of(device)]);
      }
    }
    return all;
  }

  const Simulation& simulation_;
  const Legs& legs_;
  const network::Attachment& attachment_;
  s4u::NetZone* zone_;
  LinkMaker links_;
  std::vector<HopLinks> up_, down_;  // By hop.
};

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

Platform build_platform(const Simulation& simulation, const Legs& legs,
                        const network::Attachment& attachment, const std::vector<bool>& needed,
                        const std::vector<std::vector<std::size_t>>& computing) {
  s4u::NetZone* zone = s4u::create_star_zone("offcut");
  Platform platform;
  PlatformMaker maker(simulation, legs, attachment, zone, platform.changing);
  for (std::size_t leg = 0; leg < legs.count(); ++leg) {
    platform.legs.push_back(needed[leg] ? maker.ends(leg) : LegEnds());
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
