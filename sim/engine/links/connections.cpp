// Slow start, message by message and round by round. The rules are those of
// partition::slow_start_stalls(), which has the closed form for a message that is alone; here, a
// window also lives on between messages, and a shared link can make a round longer than its round
// trip, after which the next one begins without a stall.

#include "sim/engine/links/connections.h"

#include <algorithm>

namespace offcut::engine {
namespace {

/// Returns the highest rate at which the hop can carry a message.
double highest_rate(const Link& link, bool up) {
  const double own = link.rates(up).most();
  return link.site ? std::min(own, link.site->rates(up).most()) : own;
}

}  // namespace

Connections::Connections(const Simulation& simulation, const network::Attachment& attachment) {
  const auto has_tcp = [](const Link& link) { return link.hop.tcp.has_value(); };
  if (std::none_of(simulation.hops.begin(), simulation.hops.end(), has_tcp)) {
    return;
  }
  for (std::size_t i = 0; i < simulation.hops.size(); ++i) {
    const Link& link = simulation.hops[i];
    const bool of_group = i < attachment.groups();
    std::optional<Hop>& hop = hops_.emplace_back();
    if (!has_tcp(link)) {
      continue;
    }
    hop = Hop{.tcp = *link.hop.tcp, .round_trip = link.hop.round_trip()};
    hop->first = of_group ? attachment.first_device(i) : 0;
    const std::size_t devices =
        of_group ? attachment.first_device(i + 1) - hop->first : attachment.devices();
    for (const bool up : {true, false}) {
      const std::size_t way = up ? 0 : 1;
      hop->opening[way] = link.hop.opening(up);
      hop->filling[way] = highest_rate(link, up) * hop->round_trip.si();
      hop->windows[way].resize(hop->tcp.handshake ? 0 : devices);
    }
  }
}

Connections::Window& Connections::window_of(const Request* request) {
  Hop& hop = *hops_[request->stage];
  return hop.tcp.handshake ? own_[request]
                           : hop.windows[request->up ? 0 : 1][request->record.device - hop.first];
}

void Connections::open(Request* request, double now) {
  const Hop& hop = *hops_[request->stage];
  Window& window = window_of(request);
  const double timeout = partition::retransmission_timeout(hop.round_trip).si();
  const bool is_idle = window.messages == 0 && now - window.last > timeout;
  if (window.bytes == 0 || (hop.tcp.idle_restart && is_idle)) {
    window.round = now + opening(request).si();
    window.bytes = hop.tcp.first_window().si();
    window.sent = 0;
  }
  ++window.messages;
  request->unsent = request->bytes;
}

Connections::Next Connections::next(Request* request, double now) {
  const Hop& hop = *hops_[request->stage];
  const double filling = hop.filling[request->up ? 0 : 1];
  Window& window = window_of(request);
  if (now < window.round) {
    return {Bytes(0), window.round};
  }
  if (request->unsent == Bytes(0)) {
    return {Bytes(0), now};
  }
  const double end = window.round + hop.round_trip.si();
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
  if (hops_[request->stage]->tcp.handshake) {
    own_.erase(request);
  } else {
    --window_of(request).messages;
  }
}

}  // namespace offcut::engine
