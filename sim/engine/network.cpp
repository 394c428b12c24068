#include "sim/engine/network.h"

#include <algorithm>
#include <limits>
#include <simgrid/s4u.hpp>

namespace offcut {
namespace {

constexpr double kUnbounded = std::numeric_limits<double>::infinity();

BytesPerSecond own_rate(const Link& hop, bool up) { return up ? hop.hop.up : hop.hop.down; }
BytesPerSecond site_rate(const Link& hop, bool up) { return up ? hop.site->up : hop.site->down; }

/// All flows of a device together get no more than the site's link gives.
bool own_is_idle(const Link& hop, bool up) { return own_rate(hop, up) >= site_rate(hop, up); }
/// All devices together get no more than their own links give.
bool site_is_idle(const Link& hop, bool up) {
  return own_rate(hop, up) * static_cast<double>(hop.site->devices) <= site_rate(hop, up);
}

}  // namespace

bool Network::is_ours(const Simulation& simulation, std::size_t hop, bool up) {
  const Link& link = simulation.hops[hop];
  return simulation.own_links &&
         (!link.site || up || own_is_idle(link, up) || site_is_idle(link, up));
}

std::vector<bool> Network::needs_simgrid(const Simulation& simulation) {
  std::vector<bool> needed;
  for (std::size_t hop = 0; hop < simulation.hops.size(); ++hop) {
    needed.push_back(!is_ours(simulation, hop, true) || !is_ours(simulation, hop, false));
  }
  return needed;
}

Network::Network(const Simulation& simulation, EventQueue& events, Listener& listener)
    : simulation_(simulation), events_(events), listener_(listener) {
  for (std::size_t hop = 0; hop < simulation.hops.size(); ++hop) {
    directions_.push_back(direction(hop, true));
    directions_.push_back(direction(hop, false));
    down_.emplace_back(simulation.hops[hop].faults.any() ? link_count(hop) : 0);
  }
  under_way_.resize(simulation.hops.size());
}

Network::Direction Network::direction(std::size_t hop, bool up) {
  if (!is_ours(simulation_, hop, up)) {
    return {};
  }
  const Link& link = simulation_.hops[hop];
  const std::size_t devices = simulation_.tiers[0].servers;
  const double own = own_rate(link, up).si();
  FairShares::Listener& listener = *this;
  const auto shares = [&](std::size_t count, double capacity, double most) {
    return std::make_unique<FairShares>(events_, listener, count, capacity, most);
  };
  if (hop > 0 || link.shared) {
    return {shares(1, own, kUnbounded), devices};
  }
  if (!link.site || site_is_idle(link, up)) {
    return {shares(devices, own, kUnbounded), 1};
  }
  const std::size_t sites = (devices + link.site->devices - 1) / link.site->devices;
  return {shares(sites, site_rate(link, up).si(), own_is_idle(link, up) ? kUnbounded : own),
          link.site->devices};
}

void Network::send(Request* request) {
  if (request->bytes == Bytes(0)) {
    events_.schedule(events_.now(), *this, kNothing, 0, request);
    return;
  }
  if (!down_[request->stage].empty()) {
    under_way_[request->stage].push_back(request);
  }
  const Direction& direction = direction_of(request);
  if (direction.ours) {
    direction.ours->start(request->record.device / direction.devices_per_link, request->bytes.si(),
                          request);
  } else {
    events_.with_clock(*this, kStart, 0, request);
  }
}

void Network::handle(std::uint32_t kind, std::uint32_t /*number*/, void* subject) {
  auto* request = static_cast<Request*>(subject);
  if (kind == kNothing) {
    listener_.sent(request);
  } else {
    start_flow(request);
  }
}

void Network::start_flow(Request* request) {
  if (!is_up(request->stage, request->record.device)) {  // since a moment ago
    flow_ended(request, true);
    return;
  }
  const HopEnds& ends = (*ends_)[request->stage];
  simgrid::s4u::Host* near = ends.near[link_of(request->stage, request->record.device)];
  const auto flow =
      simgrid::s4u::Comm::sendto_init(request->up ? near : ends.far, request->up ? ends.far : near);
  flow->set_payload_size(static_cast<std::uint64_t>(request->bytes.si()))->set_data(request);
  request->activity = flow;
  events_.activity_started();
  flow->start();
}

void Network::flow_ended(Request* request, bool failed) {
  if (failed) {
    untrack(request);
    listener_.message_lost(request);
  } else {
    shared(request);
  }
}

void Network::shared(void* job) {
  auto* request = static_cast<Request*>(job);
  untrack(request);
  listener_.sent(request);
}

void Network::untrack(Request* request) {
  std::vector<Request*>& all = under_way_[request->stage];
  if (const auto found = std::find(all.begin(), all.end(), request); found != all.end()) {
    *found = all.back();
    all.pop_back();
  }
}

std::size_t Network::link_count(std::size_t hop) const {
  return hop == 0 && !simulation_.hops[0].shared ? simulation_.tiers[0].servers : 1;
}

void Network::link_down(std::size_t hop, std::size_t link) {
  down_[hop][link] = 1;
  std::vector<Request*> lost;
  for (Request* request : under_way_[hop]) {
    if (link_of(hop, request->record.device) == link) {
      lost.push_back(request);
    }
  }
  for (Request* request : lost) {
    const Direction& direction = direction_of(request);
    if (direction.ours) {
      direction.ours->remove(request->record.device / direction.devices_per_link, request);
      untrack(request);
      listener_.message_lost(request);
    } else if (request->activity != nullptr) {  // else it is about to start, and will see
      request->activity->cancel();
    }
  }
}

}  // namespace offcut
