// Tells FlowShares the links of each message. The kind of a device's messages on a leg is looked up
// once; devices whose messages cross the same links, and whose own links are equally fast, share
// one, so that a thousand devices that send over one link are one kind.

#include "sim/engine/links/flows.h"

namespace offcut::engine {

std::vector<bool> Flows::serves(const Simulation& simulation) {
  std::vector<bool> serves(simulation.hops.size(), false);
  for (const std::vector<std::size_t>& leg : simulation.long_legs) {
    for (const std::size_t level : leg) {
      for (std::size_t group = 0; group < simulation.groups; ++group) {
        serves[number_of(level, group, simulation.groups)] = true;
      }
    }
  }
  for (std::size_t group = 0; simulation.mobility && group < simulation.groups; ++group) {
    serves[group] = serves[group] || simulation.hops[group].site;
  }
  return serves;
}

Flows::Flows(const Simulation& simulation, const Legs& legs, const network::Places& places,
             EventQueue& events, FairShares::Listener& listener)
    : legs_(legs),
      places_(places),
      devices_(places.start().devices()),
      shares_(events, listener),
      kinds_(2 * legs.count()) {
  const std::vector<bool> served = serves(simulation);
  for (std::size_t hop = 0; hop < simulation.hops.size(); ++hop) {
    const Link& link = simulation.hops[hop];
    const bool leaves_device = legs.leaves_device(hop);
    for (const bool up : {true, false}) {
      Direction direction{.own = link.rates(up),
                          .site = std::nullopt,
                          .is_limit = up && leaves_device && !link.shared};
      if (served[hop] && !direction.is_limit) {
        direction.own_links = shares_.add_links(places.start().links(hop), direction.own);
      }
      if (served[hop] && link.site) {
        direction.site = link.site->rates(up);
        direction.site_links = shares_.add_links(places.start().uplinks(hop), *direction.site);
      }
      directions_.push_back(std::move(direction));
    }
  }
}

Flows::Number Flows::add_kind(std::size_t leg, bool up, std::size_t device) {
  std::vector<Number> links;
  network::Rate most(std::numeric_limits<double>::infinity());
  for (const std::size_t hop : legs_.hops(leg)) {
    const Direction& crossed = direction(hop, up);
    const std::size_t own = places_.link_of(hop, device);
    if (crossed.is_limit) {
      most = crossed.own[own];
    } else {
      links.push_back(crossed.own_links + static_cast<Number>(own));
    }
    if (crossed.site) {
      links.push_back(crossed.site_links + static_cast<Number>(places_.uplink_of(device)));
    }
  }
  const double limit = most.is_constant() ? most.at(0) : -1.0 - static_cast<double>(device);
  const auto [found, is_new] = alike_.try_emplace({links, limit}, 0);
  if (is_new) {
    found->second = shares_.add_kind(std::move(links), most);
  }
  return found->second;
}

Flows::Number Flows::kind_of(const Request* request) {
  std::vector<Number>& kinds = kinds_[2 * request->stage + (request->up ? 0 : 1)];
  kinds.resize(devices_, kNone);
  Number& kind = kinds[request->record.device];
  if (kind == kNone) {
    kind = add_kind(request->stage, request->up, request->record.device);
  }
  return kind;
}

void Flows::moved(std::size_t device) {
  for (std::size_t leg = 0; leg < legs_.count(); ++leg) {
    for (const std::size_t i : {2 * leg, 2 * leg + 1}) {
      if (legs_.leaves_device(leg) && !kinds_[i].empty()) {
        kinds_[i][device] = kNone;
      }
    }
  }
}

void Flows::start(Request* request, double size) { shares_.start(kind_of(request), size, request); }

void Flows::take_off(const Request* request) {
  shares_.remove_if(kind_of(request), [request](const void* job) { return job == request; });
}

void Flows::visit(const Request* request,
                  const std::function<void(void* job, double left)>& visit) {
  shares_.visit(kind_of(request), visit);
}

void Flows::visit_all(const std::function<void(void* job, double left)>& visit) {
  for (Number kind = 0; kind < shares_.kinds(); ++kind) {
    shares_.visit(kind, visit);
  }
}

}  // namespace offcut::engine
