// The transfers of messages. Each direction of a hop is served either by FairShares, on the hop's
// links or on its uplinks, or by SimGrid, whose flows start only when its clock has caught up. With
// TCP, a message goes in pieces, with stalls between them. On hops that may fail, the messages on
// each link are kept, to be lost when the link goes down. What has crossed of a message that does
// not arrive is known only here, and counted here.

#include "sim/engine/links/network.h"

#include <algorithm>
#include <limits>
#include <simgrid/s4u.hpp>

namespace offcut::engine {
namespace {

const network::Rate kUnbounded(std::numeric_limits<double>::infinity());

/// Returns whether no own link can be a bottleneck, since each is at least as fast as any uplink.
bool own_is_idle(const Link& hop, bool up) {
  return hop.rates(up).least() >= hop.site->rates(up).most();
}
/// Returns whether no uplink can be a bottleneck, since each is at least as fast as all own links
/// of its devices together.
bool site_is_idle(const Link& hop, bool up) {
  return hop.rates(up).most() * static_cast<double>(hop.site->devices) <=
         hop.site->rates(up).least();
}

}  // namespace

bool Network::is_ours(const Simulation& simulation, std::size_t hop, bool up) {
  const Link& link = simulation.hops[hop];
  if (link.cell) {
    return simulation.own_links;
  }
  if (Flows::serves_any(simulation) && Flows::serves(simulation)[hop]) {
    return simulation.own_links;
  }
  return simulation.own_links && (!link.site || own_is_idle(link, up) || site_is_idle(link, up) ||
                                  (up && link.rates(up).is_common()));
}

std::vector<bool> Network::needs_simgrid(const Simulation& simulation) {
  std::vector<bool> needed;
  for (std::size_t hop = 0; hop < simulation.hops.size(); ++hop) {
    needed.push_back(!is_ours(simulation, hop, true) || !is_ours(simulation, hop, false));
  }
  needed.resize(Legs(simulation).count(), !simulation.own_links);
  return needed;
}

bool is_served_by_engine(const Simulation& simulation, std::size_t hop, bool up) {
  return Network::is_ours(simulation, hop, up);
}

Network::Network(const Simulation& simulation, const Legs& legs, const network::Places& places,
                 EventQueue& events, Listener& listener)
    : simulation_(simulation),
      legs_(legs),
      places_(places),
      events_(events),
      listener_(listener),
      connections_(simulation, legs, places.start()),
      under_way_on_long_(legs.count() - legs.hop_count()) {
  if (simulation.own_links && Flows::serves_any(simulation)) {
    FairShares::Listener& flows_end = *this;
    flows_ = std::make_unique<Flows>(simulation, legs, places, events, flows_end);
  }
  for (std::size_t hop = 0; hop < simulation.hops.size(); ++hop) {
    directions_.push_back(direction(hop, true));
    directions_.push_back(direction(hop, false));
    const bool may_fail = simulation.hops[hop].faults.any();
    down_.emplace_back(may_fail ? places.start().links(hop) : 0);
    under_way_.emplace_back(may_fail ? places.start().links(hop) : 0);
  }
}

Network::Direction Network::direction(std::size_t hop, bool up) {
  if (!is_ours(simulation_, hop, up)) {
    return {};
  }
  if (flows_ && Flows::serves(simulation_)[hop]) {
    return {.ours = nullptr, .by_flows = true};
  }
  const Link& link = simulation_.hops[hop];
  if (link.cell) {
    return {.ours = nullptr, .cells = cells_of(*link.cell, up), .stations = link.rates(up)};
  }
  const network::Rates own = link.rates(up);
  FairShares::Listener& listener = *this;
  const auto shares = [&](std::size_t count, const network::Rates& capacities,
                          const network::Rate& most) {
    return std::make_unique<FairShares>(events_, listener, count, capacities, most);
  };
  if (!link.site || site_is_idle(link, up)) {
    const std::size_t links = places_.start().links(hop);
    Direction direction{.ours = shares(links, own, kUnbounded)};
    if (link.burst > Bytes(0)) {
      direction.buckets.emplace(links, link.burst.si(), link.hop.rate(up).si());
    }
    return direction;
  }
  return {.ours = shares(places_.start().uplinks(hop), link.site->rates(up),
                         own_is_idle(link, up) ? kUnbounded : own[0]),
          .by_uplink = true};
}

std::shared_ptr<CellShares> Network::cells_of(const Link::Cell& cell, bool up) {
  std::shared_ptr<CellShares>& cells = cells_[{cell.medium, cell.separate && up}];
  if (cells == nullptr) {
    const std::size_t tier = places_.start().tier_of_places();
    FairShares::Listener& listener = *this;
    cells = std::make_shared<CellShares>(events_, listener, places_.start().sites(tier));
  }
  return cells;
}

std::size_t Network::resource_of(const Direction& direction, std::size_t hop,
                                 std::size_t device) const {
  return direction.by_uplink ? places_.uplink_of(device) : places_.link_of(hop, device);
}

bool Network::is_sent_at_once(const Request* request) const {
  return request->bytes == Bytes(0) &&
         !(connections_.serves(request->stage) && connections_.opening(request) > Seconds(0));
}

void Network::send(Request* request) {
  request->on_link = true;
  request->crossed = Bytes(0);
  request->piece = Bytes(0);
  if (watcher_ != nullptr) {
    watcher_->begins(request);
  }
  if (is_sent_at_once(request)) {
    events_.schedule(events_.now(), *this, kEmpty, 0, request);
    return;
  }
  if (RequestSet* all = under_way(request)) {
    all->insert(request);
  }
  if (connections_.serves(request->stage)) {
    connections_.open(request, events_.now());
    go_on(request);
  } else {
    request->piece = request->bytes;
    transfer(request);
  }
}

void Network::send_plain(Request* update) {
  update->on_link = true;
  update->crossed = Bytes(0);
  update->piece = update->bytes;
  resume(update);
}

void Network::resume(Request* update) {
  if (RequestSet* all = under_way(update)) {
    all->insert(update);
  }
  transfer(update);
  if (is_ours(update)) {
    events_.release();
  }
}

bool Network::pause(Request* update) {
  const Bytes left = update->bytes - crossed(update);
  if (left <= Bytes(0)) {
    return false;
  }
  remove(update);
  events_.hold();  // The links have released it.
  update->piece = left;
  if (RequestSet* all = under_way(update)) {
    all->erase(update);
  }
  return true;
}

void Network::update_ended(Request* update, bool failed) {
  if (is_ours(update)) {
    events_.hold();  // The links have released it.
  }
  update->on_link = false;
  if (RequestSet* all = under_way(update)) {
    all->erase(update);
  }
  failed ? updates_->message_lost(update) : updates_->sent(update);
}

void Network::go_on(Request* request) {
  const double now = events_.now();
  const Connections::Next next = connections_.next(request, now);
  request->piece = next.piece;
  if (next.piece > Bytes(0)) {
    listener_.message_goes_on(request);
    transfer(request);
  } else if (next.time > now) {
    // In the background, since the message may be lost before this event.
    events_.hold();
    events_.schedule_in_background(next.time, *this, kGoOn, request->sendings, request);
    request->stalled += Seconds(next.time - now);
    listener_.message_stalls(request);
  } else {  // It has no bytes, and its connection is open.
    flow_ended(request, false);
  }
}

void Network::transfer(Request* request) {
  Direction& direction = direction_of(request);
  if (direction.ours) {
    const std::size_t resource = resource_of(direction, request->stage, request->record.device);
    const double bytes = request->piece.si();
    direction.ours->start(
        resource,
        direction.buckets ? direction.buckets->enter(resource, bytes, events_.now()) : bytes,
        request);
  } else if (direction.by_flows) {
    flows_->start(request, request->piece.si());
  } else if (direction.cells) {
    const std::size_t device = request->record.device;
    const double rate = direction.stations[places_.link_of(request->stage, device)].at(0);
    direction.cells->start(cell_of(device), request->piece.si(), 1 / rate, request);
  } else {
    events_.with_clock(*this, kStart, 0, request);
  }
}

void Network::handle(std::uint32_t kind, std::uint32_t number, void* subject) {
  auto* request = static_cast<Request*>(subject);
  if (kind == kEmpty) {
    request->on_link = false;
    if (watcher_ != nullptr) {
      watcher_->ends(request);
    }
    listener_.sent(request);
  } else if (kind == kGoOn) {
    if (number == request->sendings) {  // Otherwise the message was lost while it stalled.
      events_.release();
      go_on(request);
    }
  } else {
    start_flow(request);
  }
}

void Network::start_flow(Request* request) {
  // The link may have gone down, or the request given up, since the message was sent.
  if (request->gave_up || !is_leg_up(request->stage, request->record.device)) {
    count_part(request, request->piece.si());
    flow_ended(request, true);
    return;
  }
  const LegEnds& ends = (*ends_)[request->stage];
  simgrid::s4u::Host* near =
      ends.near[places_.link_of(legs_.hops(request->stage).front(), request->record.device)];
  simgrid::s4u::Host* from = request->up ? near : ends.far;
  simgrid::s4u::Host* to = request->up ? ends.far : near;
  const auto flow = simgrid::s4u::Comm::sendto_init(from, to);
  flow->set_payload_size(static_cast<std::uint64_t>(request->piece.si()))->set_data(request);
  request->activity = flow;
  events_.activity_started();
  platform_rates_->start_flow(*flow, from, to);
}

void Network::withdraw(Request* request) {
  if (is_sent_at_once(request)) {
    return;
  }
  if (is_ours(request) && !stalls(request)) {
    take_off(request);
  }
  lose(request);
}

void Network::lose(Request* request) {
  if (stalls(request)) {
    events_.release();
    count_part(request, 0);
    flow_ended(request, true);
  } else if (is_ours(request)) {
    flow_ended(request, true);
  } else if (request->activity != nullptr) {  // Otherwise start_flow() will end it.
    count_part(request, request->activity->get_remaining());
    request->activity->cancel();
  }
}

void Network::flow_ended(Request* request, bool failed) {
  if (request->of_updates) {
    update_ended(request, failed);
    return;
  }
  if (connections_.serves(request->stage)) {
    if (!stalls(request)) {
      connections_.left(request, events_.now());
    }
    if (!failed && request->unsent > Bytes(0)) {
      go_on(request);
      return;
    }
    connections_.close(request);
    ++request->sendings;
  }
  request->on_link = false;
  if (RequestSet* all = under_way(request)) {
    all->erase(request);
  }
  if (watcher_ != nullptr) {
    watcher_->ends(request);
  }
  failed ? listener_.message_lost(request) : listener_.sent(request);
}

void Network::shared(void* job) {
  auto* request = static_cast<Request*>(job);
  leave_bucket(request);
  flow_ended(request, false);
}

/// Nothing of the request's message is on its link from now on.
void Network::leave_bucket(const Request* request) {
  Direction& direction = direction_of(request);
  if (direction.buckets) {
    direction.buckets->leave(resource_of(direction, request->stage, request->record.device),
                             events_.now());
  }
}

/// Returns the messages under way on a link, in the order in which their requests arrived.
std::vector<Request*> Network::on_link(std::size_t hop, std::size_t link) const {
  std::vector<Request*> all = under_way_[hop][link].all();
  for (std::size_t leg = legs_.hop_count(); leg < legs_.count(); ++leg) {
    const auto hops = legs_.hops(leg);
    if (std::find(hops.begin(), hops.end(), hop) != hops.end()) {
      for (Request* request : under_way_on_long_[leg - legs_.hop_count()].all()) {
        if (places_.link_of(hop, request->record.device) == link) {
          all.push_back(request);
        }
      }
    }
  }
  return in_order_of_arrival(std::move(all));
}

void Network::link_down(std::size_t hop, std::size_t link) {
  down_[hop][link] = 1;
  const std::vector<Request*> lost = on_link(hop, link);
  for (const bool up : {true, false}) {
    const Direction& direction = directions_[2 * hop + (up ? 0 : 1)];
    const auto is_lost = [&](void* job) {
      return places_.link_of(hop, static_cast<Request*>(job)->record.device) == link;
    };
    if (direction.ours && std::any_of(lost.begin(), lost.end(),
                                      [up](const Request* request) { return request->up == up; })) {
      // Own links have the numbers of their devices, and the first device uses the shared link,
      // too.
      const std::size_t first =
          hop < simulation_.groups ? places_.start().first_device(hop) : std::size_t{0};
      take_off(direction, resource_of(direction, hop, first + link), is_lost);
    }
  }
  for (Request* request : lost) {
    const Direction& direction = direction_of(request);
    if ((direction.by_flows || direction.cells) && !stalls(request)) {
      take_off(request);
    }
  }
  for (Request* request : lost) {
    lose(request);
  }
}

/// Calls `visit` with each message that shares with this one what serves it, and with the part of
/// its present piece that is left. REQUIRES: is_ours(request).
void Network::visit(const Request* request, const Visit& visit) const {
  const Direction& direction = direction_of(request);
  const std::size_t device = request->record.device;
  if (direction.ours) {
    direction.ours->visit(resource_of(direction, request->stage, device), visit);
  } else if (direction.cells) {
    direction.cells->visit(cell_of(device), visit);
  } else {
    flows_->visit(request, visit);
  }
}

/// Takes a message off what serves it. REQUIRES: is_ours(request).
void Network::remove(const Request* request) {
  const Direction& direction = direction_of(request);
  const std::size_t device = request->record.device;
  if (direction.ours) {
    direction.ours->remove_if(resource_of(direction, request->stage, device),
                              [request](const void* job) { return job == request; });
    leave_bucket(request);
  } else if (direction.cells) {
    direction.cells->remove(cell_of(device), request);
  } else {
    flows_->take_off(request);
  }
}

/// The same, and counts what has crossed of it.
void Network::take_off(Request* request) {
  visit(request, [&](const void* job, double left) {
    if (job == request) {
      count_part(request, left);
    }
  });
  remove(request);
}

/// Takes messages off a resource of FairShares, and counts what has crossed of them.
void Network::take_off(const Direction& direction, std::size_t resource,
                       const std::function<bool(void*)>& is_taken) {
  direction.ours->visit(resource, [&](void* job, double left) {
    if (is_taken(job)) {
      count_part(static_cast<Request*>(job), left);
    }
  });
  for (void* job : direction.ours->remove_if(resource, is_taken)) {
    leave_bucket(static_cast<Request*>(job));
  }
}

/// `left` are the bytes of its present piece that have not crossed.
void Network::count_part(Request* request, double left) {
  request->crossed = request->bytes - request->unsent - Bytes(left);
  for (const std::size_t hop : legs_.hops(request->stage)) {
    directions_[2 * hop + (request->up ? 0 : 1)].in_part += request->crossed.si();
  }
}

Bytes Network::crossed(const Request* request) const {
  if (request->bytes == Bytes(0)) {
    return Bytes(0);
  }
  Bytes left = request->piece;
  if (is_ours(request) && !stalls(request)) {
    visit(request,
          [&](const void* job, double part) { left = job == request ? Bytes(part) : left; });
  } else if (request->activity != nullptr) {
    left = Bytes(request->activity->get_remaining());
  }
  return request->bytes - request->unsent - left;
}

void Network::stop(const std::vector<Request*>& unfinished) {
  const Visit count = [this](void* job, double left) {
    count_part(static_cast<Request*>(job), left);
  };
  for (const Direction& direction : directions_) {
    for (std::size_t i = 0; direction.ours && i < direction.ours->count(); ++i) {
      direction.ours->visit(i, count);
    }
  }
  for (const auto& [medium, cells] : cells_) {
    for (std::size_t i = 0; i < cells->count(); ++i) {
      cells->visit(i, count);
    }
  }
  if (flows_) {
    flows_->visit_all(count);
  }
  for (Request* request : unfinished) {
    if (request->on_link && (stalls(request) || request->parked || !is_ours(request))) {
      count_part(request, request->activity != nullptr ? request->activity->get_remaining()
                                                       : request->piece.si());
    }
  }
}

void Network::close(std::vector<HopUsage>& hops) const {
  for (std::size_t i = 0; i < hops.size(); ++i) {
    hops[i].up_is_ours = directions_[2 * i].is_ours();
    hops[i].down_is_ours = directions_[2 * i + 1].is_ours();
    hops[i].up_one_at_a_time = legs_.leaves_device(i) && !simulation_.hops[i].shared;
    hops[i].up_traffic.in_part = Bytes(directions_[2 * i].in_part);
    hops[i].down_traffic.in_part = Bytes(directions_[2 * i + 1].in_part);
  }
}

}  // namespace offcut::engine
