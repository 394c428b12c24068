#pragma once

#include <string>
#include <vector>

#include "sim/engine/core/request.h"
#include "sim/network/places.h"

namespace offcut::engine {

/// The delays of messages: the time from the departure of the last bit to the delivery, with the
/// jitter of each message and the time of its retransmissions. On a leg with constant latencies, it
/// costs a look-up. Each attempt of each message draws from a stream of its own, so that others do
/// not shift its draws.
class Delays {
 public:
  Delays(const Simulation& simulation, const Legs& legs, const network::Places& places);

  /// Returns the delay of the request's message, whose last bit leaves now.
  double of(const Request* request, double now) const {
    return changing_.empty() || !changing_[request->stage] ? legs_.arrival_delay(request->stage)
                                                           : changing(request, now);
  }

 private:
  double changing(const Request* request, double now) const;

  const Simulation& simulation_;
  const Legs& legs_;
  const network::Places& places_;
  std::vector<bool> changing_;        // By leg; empty if no latency changes.
  std::vector<std::string> streams_;  // The names of random streams, of each hop: up, down.
};

}  // namespace offcut::engine
