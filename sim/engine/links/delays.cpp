// The delays of messages on legs whose latencies change or are random. The latency of a leg is the
// sum of those of its hops at the moment of departure; the time per message is that of the leg.

#include "sim/engine/links/delays.h"

#include <algorithm>

namespace offcut::engine {

Delays::Delays(const Simulation& simulation, const Legs& legs, const network::Places& places)
    : simulation_(simulation), legs_(legs), places_(places) {
  const auto changes = [](const Link& link) {
    return link.moving_latency.any() || link.jitter || link.loss;
  };
  if (std::none_of(simulation.hops.begin(), simulation.hops.end(), changes)) {
    return;
  }
  for (const Link& link : simulation.hops) {
    streams_.push_back("delays of " + link.name + " up");
    streams_.push_back("delays of " + link.name + " down");
  }
  for (std::size_t leg = 0; leg < legs.count(); ++leg) {
    const auto hops = legs.hops(leg);
    changing_.push_back(std::any_of(
        hops.begin(), hops.end(), [&](std::size_t hop) { return changes(simulation.hops[hop]); }));
  }
}

double Delays::changing(const Request* request, double now) const {
  double delay = legs_.as_hop(request->stage).per_message.si();
  for (const std::size_t hop : legs_.hops(request->stage)) {
    const Link& link = simulation_.hops[hop];
    const auto& latencies = link.moving_latency.of(request->up);
    delay += latencies ? (*latencies)[places_.link_of(hop, request->record.device)].at(now)
                       : link.hop.latency.si();
    if (link.jitter || link.loss) {
      constexpr std::uint64_t kAttempts = std::uint64_t{1} << 16U;  // More than a request has.
      const auto number = static_cast<std::uint64_t>(request->record.request);
      RandomStream stream =
          random_stream(simulation_.seed, streams_[2 * hop + (request->up ? 0 : 1)],
                        number * kAttempts + request->record.failures);
      delay += link.jitter ? network::draw(*link.jitter, request->up, stream).si() : 0;
      delay += link.loss ? network::draw(*link.loss, request->bytes, stream).si() : 0;
    }
  }
  return delay;
}

}  // namespace offcut::engine
