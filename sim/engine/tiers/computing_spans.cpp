// The part of Computing that tells an observer what machines have computed. Nothing is kept for it:
// a batch, and a request on a server that all of its requests share, know their times when they
// end.

#include <algorithm>

#include "sim/engine/core/spans.h"
#include "sim/engine/tiers/computing.h"

namespace offcut::engine {

void Computing::report_batch(const Batch* batch, Span::Outcome outcome, double end) const {
  if (!observers_.span) {
    return;
  }
  const std::size_t machine = TierState::machine_of(*batch->station, batch->server);
  const double work = batch->started + batch->loading;
  std::size_t position = 0;
  for (const Request* request = batch->requests.first(); request != nullptr;
       request = request->next) {
    Span span = span_of_computation(request, machine, Seconds(batch->started));
    span.outcome = outcome_of(request, outcome);
    span.batch = batch->size;
    span.position = position++;
    span.wait = Seconds(work - request->since);
    span.work = Seconds(std::min(work, end));
    span.left = span.end = Seconds(end);
    span.service =
        outcome == Span::Outcome::done ? Seconds(batch->service) : span.end - span.work;
    observers_.span(span);
  }
}

void Computing::report_shared(const Request* request, Span::Outcome outcome, double end) const {
  if (!observers_.span) {
    return;
  }
  const TierState& tier = tiers_[request->stage];
  Span span = span_of_computation(request, tier.stations[request->station].first,
                                  Seconds(request->since));
  span.outcome = outcome_of(request, outcome);
  span.work = span.begin;
  span.left = span.end = Seconds(end);
  span.service =
      outcome == Span::Outcome::done ? Seconds(request->work) : span.end - span.begin;
  span.wait = std::max(span.end - span.begin - span.service, Seconds(0));
  observers_.span(span);
}

}  // namespace offcut::engine
