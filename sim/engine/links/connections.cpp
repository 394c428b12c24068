// Slow start, message by message and round by round. The rules are those of
// partition::slow_start_stalls(), which has the closed form for a message that is alone; here, a
// window also lives on between messages, and a shared link can make a round longer than its round
// trip, after which the next one begins without a stall.

#include "sim/engine/links/connections.h"

#include <algorithm>
#include <limits>

namespace offcut::engine {
namespace {

/// Returns the highest rate at which the leg can carry a message.
double highest_rate(const Simulation& simulation, const Legs& legs, std::size_t leg, bool up) {
  double highest = std::numeric_limits<double>::infinity();
  for (const std::size_t hop : legs.hops(leg)) {
    const Link& link = simulation.hops[hop];
    highest = std::min(highest, link.rates(up).most());
    highest = link.site ? std::min(highest, link.site->rates(up).most()) : highest;
  }
  return highest;
}

}  // namespace

Connections::Connections(const Simulation& simulation, const Legs& legs,
                         const network::Attachment& attachment) {
  const auto has_tcp = [](const Link& link) { return link.hop.tcp.has_value(); };
  if (std::none_of(simulation.hops.begin(), simulation.hops.end(), has_tcp)) {
    return;
  }
  for (std::size_t number = 0; number < legs.count(); ++number) {
    const partition::Hop& hop = legs.as_hop(number);
    std::optional<Leg>& leg = legs_.emplace_back();
    if (!hop.tcp) {
      continue;
    }
    leg = Leg{.tcp = *hop.tcp, .round_trip = hop.round_trip()};
    const bool of_group = legs.leaves_device(number);
    const std::size_t group = legs.from(number);
    leg->first = of_group ? attachment.first_device(group) : 0;
    const std::size_t devices =
        of_group ? attachment.first_device(group + 1) - leg->first : attachment.devices();
    for (const bool up : {true, false}) {
      const std::size_t way = up ? 0 : 1;
      leg->opening[way] = hop.opening(up);
      leg->filling[way] = highest_rate(simulation, legs, number, up) * leg->round_trip.si();
      leg->windows[way].resize(leg->tcp.handshake ? 0 : devices);
    }
  }
}

Connections::Window& Connections::window_of(const Request* request) {
  Leg& leg = *legs_[request->stage];
  return leg.tcp.handshake ? own_[request]
                           : leg.windows[request->up ? 0 : 1][request->record.device - leg.first];
}

void Connections::open(Request* request, double now) {
  const Leg& leg = *legs_[request->stage];
  Window& window = window_of(request);
  const double timeout = partition::retransmission_timeout(leg.round_trip).si();
  const bool is_idle = window.messages == 0 && now - window.last > timeout;
  if (window.bytes == 0 || (leg.tcp.idle_restart && is_idle)) {
    window.round = now + opening(request).si();
    window.bytes = leg.tcp.first_window().si();
    window.sent = 0;
  }
  ++window.messages;
  request->unsent = request->bytes;
}

Connections::Next Connections::next(Request* request, double now) {
  const Leg& leg = *legs_[request->stage];
  const double filling = leg.filling[request->up ? 0 : 1];
  Window& window = window_of(request);
  if (now < window.round) {
    return {Bytes(0), window.round};
  }
  if (request->unsent == Bytes(0)) {
    return {Bytes(0), now};
  }
  const double end = window.round + leg.round_trip.si();
  if (now >= end) {
    window.bytes += window.bytes < filling ? window.sent : 0;
    window.round = now;
    window.sent = 0;
  }
  Bytes piece = request->unsent;
  if (window.bytes < filling) {
    piece = std::min(piece, Bytes(window.bytes - window.sent));
    if (piece <= Bytes(0)) {
      return {Bytes(0), end};
    }
  }
  window.sent += piece.si();
  request->unsent -= piece;
  return {piece, now};
}

void Connections::left(const Request* request, double now) { window_of(request).last = now; }

void Connections::close(Request* request) {
  request->unsent = Bytes(0);
  if (legs_[request->stage]->tcp.handshake) {
    own_.erase(request);
  } else {
    --window_of(request).messages;
  }
}

}  // namespace offcut::engine
