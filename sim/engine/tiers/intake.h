#pragma once

#include <optional>

#include "sim/engine/core/event_queue.h"
#include "sim/engine/core/request.h"
#include "sim/engine/tiers/tier_state.h"
#include "sim/network/places.h"

namespace offcut::engine {

/// Returns what policies may know about the request at its tier. REQUIRES: it is computing, or
/// about to.
scheduling::Job job_of(const Simulation& simulation, const Request* request);

/// The way into a tier: dispatch chooses the station that gets a request, and admission takes the
/// request or rejects it.
class Intake {
 public:
  Intake(const network::Places& places, const EventQueue& events, const Observers& observers)
      : places_(places), events_(events), observers_(observers) {}

  /// Returns the station at the device's site that gets the request; none if no machine there is
  /// up.
  std::optional<std::size_t> choose_station(TierState& tier, const Request* request,
                                            const scheduling::Job& job) const;
  /// Returns whether the station takes the request, after telling the observer of both decisions.
  bool admit(TierState& tier, const Station& station, const Request* request,
             const scheduling::Job& job) const;

 private:
  std::size_t site_of(const Request* request) const {
    return request->site(places_.site_of(request->stage, request->record.device));
  }

  const network::Places& places_;
  const EventQueue& events_;
  const Observers& observers_;
};

}  // namespace offcut::engine
