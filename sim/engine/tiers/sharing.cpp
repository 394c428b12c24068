// The part of Computing that serves tiers with processor sharing, which have no queue: each request
// begins at once, and those beyond the number of cores count as waiting.

#include <algorithm>

#include "sim/engine/tiers/computing.h"

namespace offcut::engine {

void Computing::start_sharing(TierState& tier, Station& station, Request* request) {
  const Seconds predicted = tier.predicted_work(request, station);
  scheduling::ServerState& state = tier.states[station.index];
  request->computing = true;
  request->sent_from = request->of_tasks ? events_.now() : request->sent_from;
  request->work = request->least_work(station.kind).si() *
                  tier.noise(station, 0, request->record.request_class);
  state.waiting_work += predicted;
  tier.waiting_work += predicted;
  if (state.running < state.cores) {
    ++state.running;
    ++state.busy;
    tier.cores_busy(station, 0, events_.now(), 1, 0);
  } else {
    ++state.waiting;  // All are served at once; those beyond the number of cores count as waiting.
    tier.books.record_waiting(static_cast<std::int64_t>(state.waiting));
  }
  tier.sharing->start(request);
}

void Computing::stop_sharing(const Request* request) {
  TierState& tier = tiers_[request->stage];
  const Seconds predicted = tier.predicted_work(request, tier.stations[request->station]);
  scheduling::ServerState& state = tier.states[request->station];
  if (state.waiting > 0) {
    --state.waiting;
  } else {
    --state.running;
    --state.busy;
    tier.cores_busy(tier.stations[request->station], 0, events_.now(), -1, 0);
  }
  state.waiting_work = state.jobs() == 0 ? Seconds(0) : state.waiting_work - predicted;
  tier.waiting_work -= predicted;
}

void Computing::execution_ended(Request* request, bool failed) {
  tiers_[request->stage].sharing->execution_ended(request, failed);
}

void Computing::shared(Request* request) {
  report_shared(request, Span::Outcome::done, events_.now());
  stop_sharing(request);
  TierState& tier = tiers_[request->stage];
  ++tier.books.usage.batches;
  tier.books.add_busy(request->work);
  if (MachineGroupUsage* own = tier.usage_of(tier.stations[request->station], 0)) {
    ++own->batches;
    tier.books.add_group_work(tier.group_of(tier.stations[request->station], 0), request->work, 0);
  }
  const Seconds service(request->work);
  // Rounding can make the sojourn a little shorter than the service.
  const Seconds waited = std::max(Seconds(events_.now() - request->since) - service, Seconds(0));
  Station& station = tier.stations[request->station];
  count_served(tier, request, waited, service, station.first);
  if (station.features->finishing > 0) {
    look_whether_finished(station, 0);
  }
  listener_.computed(request);
}

void Computing::sharing_lost(Request* request) {
  report_shared(request, Span::Outcome::lost, events_.now());
  stop_sharing(request);
  tiers_[request->stage].books.busy_is_unknown();
  lose(request);
}

}  // namespace offcut::engine
