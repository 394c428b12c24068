// The books of the links. A message counts on its own link and on the uplink after it, in whose
// common queue it waits, and so on each hop of its leg; sums over links are formed at the end, and
// only what must be known at the last message is kept for the links together. The books rely on
// being told of every message that joins or leaves a link, which Little's law checks.

#include "sim/engine/links/link_books.h"

#include <algorithm>
#include <cmath>

#include "sim/engine/core/laws.h"
#include "sim/engine/core/verdict.h"

namespace offcut::engine {
namespace {

constexpr double kLeastRate = 1e-9;  // In B/s.

double decisive_load_of(const LinkLoad& load) {
  return decisive_load(load.offered_load(), load.worst, load.saturated);
}

/// Own links and uplinks have one queue in common. Where one of them could carry what was offered,
/// and has a lower load than the other, the queue is the other's.
void acquit(LinkLoad& load, const LinkLoad& other) {
  if (load.verdict == Verdict::backlogged && other.verdict != Verdict::stable &&
      decisive_load_of(load) < decisive_load_of(other)) {
    load.verdict = Verdict::stable;
  }
}

}  // namespace

LinkBooks::LinkBooks(const Simulation& simulation, const Legs& legs, const network::Places& places)
    : legs_(legs), places_(places) {
  for (std::size_t leg = 0; leg < legs.count(); ++leg) {
    const Link& first = simulation.hops[legs.hops(leg).front()];
    const partition::Hop& hop = legs.as_hop(leg);
    const bool holds = legs.leaves_device(leg) && !first.shared && hop.opening(true) > Seconds(0);
    connecting_.push_back(
        holds ? std::optional(Connecting{hop.opening(true), hop.stalls(true), first.hop.rate(true)})
              : std::nullopt);
    any_connecting_ = any_connecting_ || holds;
  }
  for (std::size_t hop = 0; hop < simulation.hops.size(); ++hop) {
    const Link& link = simulation.hops[hop];
    for (const bool up : {true, false}) {
      Direction direction{.own = {.rates = link.rates(up)}};
      direction.own.links.resize(places.start().links(hop));
      if (link.site) {
        direction.site = LinkGroup{.rates = link.site->rates(up)};
        direction.site->links.resize(places.start().uplinks(hop));
      }
      directions_.push_back(std::move(direction));
    }
  }
}

// --- messages

void LinkBooks::record_message(LinkGroup& group, std::size_t link, double bytes, double now,
                               bool is_task) {
  LinkState& state = group.links[link];
  state.offered += bytes;
  group.last = now;
  if (!is_task) {
    ++state.messages;
    state.backlog = static_cast<float>(state.present);
    group.backlog = group.present;
  }
}

double LinkBooks::held_bytes(std::size_t hop, const Request* request) const {
  if (!any_connecting_) {
    return 0;
  }
  const std::size_t leg = request->stage;
  const std::optional<Connecting>& connecting = connecting_[leg];
  if (!connecting || !request->up || (legs_.is_long(leg) && hop != legs_.hops(leg).front())) {
    return 0;
  }
  const Seconds held = connecting->opening + stall_time(connecting->stalls, request->bytes);
  return (connecting->rate * held).si();
}

void LinkBooks::record_message(Request* request, double now) {
  request->in_line = Seconds(0);
  const double bytes = request->bytes.si();
  legs_.each_hop(request->stage, [&](std::size_t hop) {
    Direction& direction = direction_of(hop, request);
    const double held = held_bytes(hop, request);
    direction.own.held += held;
    record_message(direction.own, link_of(hop, request), bytes + held, now, request->of_tasks);
    if (direction.site) {
      record_message(*direction.site, places_.uplink_of(request->record.device), bytes, now,
                     request->of_tasks);
    }
  });
}

void LinkBooks::record_line_up(LinkGroup& group, std::size_t link, double bytes) {
  LinkState& state = group.links[link];
  state.present += bytes;
  group.present += bytes;
  group.most = std::max(group.most, ++state.waiting);
}

void LinkBooks::record_line_up(Request* request, double now) {
  const double bytes = request->bytes.si();
  request->is_present = true;
  request->stalled = Seconds(0);
  legs_.each_hop(request->stage, [&](std::size_t hop) {
    Direction& direction = direction_of(hop, request);
    direction.integrate(now);
    ++direction.present;
    ++direction.attempts;
    record_line_up(direction.own, link_of(hop, request), bytes + held_bytes(hop, request));
    if (direction.site) {
      request->uplink = static_cast<std::uint32_t>(places_.uplink_of(request->record.device));
      record_line_up(*direction.site, request->uplink, bytes);
    }
  });
}

void LinkBooks::record_start(Request* request, double now) {
  legs_.each_hop(request->stage, [&](std::size_t hop) {
    direction_of(hop, request).sojourns += now - request->since;
  });
  request->in_line += Seconds(now - request->since);
}

void LinkBooks::record_leave(LinkGroup& group, std::size_t link, double bytes) {
  LinkState& state = group.links[link];
  state.present -= bytes;
  group.present -= bytes;
  --state.waiting;
}

void LinkBooks::record_lost(Request* request, double now) { record_end(request, now, 0); }

void LinkBooks::record_sent(Request* request, double now) {
  // A difference of two times has the rounding errors of these, which are no wait.
  constexpr double kRounding = 1e-12;
  const double waited = now - request->since - request->stalled.si() - idle_transfer(request);
  record_end(
      request, now,
      request->gave_up ? 0 : request->in_line.si() + (waited > kRounding * now ? waited : 0));
}

/// Records that a message that waited for so long is no longer present.
void LinkBooks::record_end(Request* request, double now, double waited) {
  const double bytes = request->bytes.si();
  request->is_present = false;
  legs_.each_hop(request->stage, [&](std::size_t hop) {
    Direction& direction = direction_of(hop, request);
    direction.waited += waited;
    direction.integrate(now);
    --direction.present;
    direction.sojourns += now - request->since;
    record_leave(direction.own, link_of(hop, request), bytes + held_bytes(hop, request));
    if (direction.site) {
      record_leave(*direction.site, request->uplink, bytes);
    }
  });
}

/// Returns how long the slowest of the message's links would take for it alone.
double LinkBooks::idle_transfer(const Request* request) {
  const double bytes = request->bytes.si();
  double idle = 0;
  legs_.each_hop(request->stage, [&](std::size_t hop) {
    const Direction& direction = direction_of(hop, request);
    idle =
        std::max(idle, direction.own.rates[link_of(hop, request)].time_for(request->since, bytes));
    if (direction.site) {
      idle = std::max(idle, direction.site->rates[request->uplink].time_for(request->since, bytes));
    }
  });
  return idle;
}

// --- failures

void LinkBooks::link_down(std::size_t hop, std::size_t link, double now) {
  for (std::size_t i = 2 * hop; i < 2 * hop + 2; ++i) {
    LinkGroup& own = directions_[i].own;
    own.last_outage.resize(std::max(own.last_outage.size(), link + 1));
    own.last_outage[link] = own.outages.size();
    own.outages.push_back({link, now, kNever.si()});
  }
}

void LinkBooks::link_up(std::size_t hop, std::size_t link, double now) {
  for (std::size_t i = 2 * hop; i < 2 * hop + 2; ++i) {
    LinkGroup& own = directions_[i].own;
    own.outages[own.last_outage[link]].until = now;
  }
}

// --- the end of the run

/// Returns the bytes that each link could carry until the last message came.
std::vector<double> LinkBooks::capacities(const LinkGroup& group) {
  std::vector<double> capacities;
  for (std::size_t link = 0; link < group.links.size(); ++link) {
    capacities.push_back(group.rates[link].integral(0, group.last));
  }
  for (const Outage& outage : group.outages) {
    if (outage.from < group.last) {
      capacities[outage.link] -=
          group.rates[outage.link].integral(outage.from, std::min(outage.until, group.last));
    }
  }
  return capacities;
}

LinkLoad LinkBooks::load_of(const LinkGroup& group, double end) {
  const std::vector<double> capacities = LinkBooks::capacities(group);
  LinkLoad load{.most = group.most};
  JudgedLoad all;
  double bandwidth = 0;
  for (std::size_t link = 0; link < group.links.size(); ++link) {
    const LinkState& state = group.links[link];
    // A run may end while its rates are still 0.
    const double rate = std::max(group.rates[link].mean(0, end), kLeastRate);
    const bool is_overloaded =
        is_overloaded_alone({.requests = state.messages,
                             .backlog = static_cast<double>(state.backlog) / rate,
                             .offered = state.offered,
                             .capacity = capacities[link]},
                            end);
    load.saturated += is_overloaded ? 1 : 0;
    load.worst = std::max(load.worst, capacities[link] > 0 ? state.offered / capacities[link] : 0);
    all.requests += state.messages;
    all.offered += state.offered;
    all.capacity += capacities[link];
    bandwidth += rate;
  }
  all.backlog = group.backlog / bandwidth;
  load.offered = Bytes(std::round(all.offered - group.held));  // Messages have whole bytes.
  load.held = Bytes(group.held);
  load.capacity = Bytes(all.capacity);
  load.verdict = load.saturated > 0 ? Verdict::overloaded : judge(all, end);
  return load;
}

Traffic LinkBooks::traffic_of(const Direction& direction, double end) {
  return {.waited = Seconds(direction.waited),
          .mean_messages = end > 0 ? direction.message_time / end : 0,
          .left = direction.present};
}

void LinkBooks::close(double end, const std::vector<Request*>& unfinished,
                      std::vector<HopUsage>& hops) {
  for (const Request* request : unfinished) {
    if (!request->is_present) {
      continue;
    }
    for (const std::size_t hop : legs_.hops(request->stage)) {
      direction_of(hop, request).sojourns += end - request->since;
    }
  }
  for (std::size_t i = 0; i < directions_.size(); ++i) {
    Direction& direction = directions_[i];
    HopUsage& hop = hops[i / 2];
    const bool up = i % 2 == 0;
    direction.integrate(end);
    check_law(hop.name + (up ? " up" : " down"), "Little's law", direction.message_time,
              direction.sojourns, end);
    LinkLoad& own = up ? hop.up_load : hop.down_load;
    own = load_of(direction.own, end);
    (up ? hop.up_traffic : hop.down_traffic) = traffic_of(direction, end);
    if (direction.site) {
      LinkLoad& site = up ? hop.site_up_load : hop.site_down_load;
      site = load_of(*direction.site, end);
      acquit(own, site);
      acquit(site, own);
    }
  }
  acquit_neighbours(hops);
}

/// The hops of a long leg have a queue in common, too.
void LinkBooks::acquit_neighbours(std::vector<HopUsage>& hops) const {
  for (std::size_t leg = legs_.hop_count(); leg < legs_.count(); ++leg) {
    for (const std::size_t hop : legs_.hops(leg)) {
      for (const std::size_t other : legs_.hops(leg)) {
        if (hop != other) {
          acquit(hops[hop].up_load, hops[other].up_load);
          acquit(hops[hop].down_load, hops[other].down_load);
        }
      }
    }
  }
}

}  // namespace offcut::engine
