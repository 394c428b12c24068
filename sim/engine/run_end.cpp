// Ends a run at its time, or with its last request. Clocks, such as those of outages, autoscalers
// and samples, never keep a run alive. Machines that still compute for requests that gave up do not
// lengthen it either: nothing may be counted after its end.

#include "sim/engine/run_end.h"

namespace offcut::engine {

void RunEnd::start() {
  events_.when_idle([this] { idle(); });
  if (until_.after) {
    events_.schedule_in_background(until_.after->si(), *this, 0);
  }
}

void RunEnd::request_ended() {
  duration_ = Seconds(events_.now());
  look_for_end();
}

void RunEnd::look_for_end() {
  if (until_.after || !sources_.is_over() || !books_.all_ended() || waits_for_director()) {
    return;
  }
  if (requests_.any_gave_up() || requests_.any_side() || others_ || director_goes_on_) {
    end_soon();
  } else {  // The run is idle.
    duration_ = Seconds(events_.now());
  }
}

/// The run ends now, once what is going on has returned.
void RunEnd::end_soon() {
  duration_ = Seconds(events_.now());
  events_.schedule_in_background(events_.now(), *this, 0);
}

bool RunEnd::waits_for_director() const {
  const bool requests_suffice = until_.requests && books_.ended() >= *until_.requests;
  return director_goes_on_ && !requests_suffice && director_goes_on_();
}

void RunEnd::director_is_done() { until_.requests || until_.after ? look_for_end() : end_soon(); }

/// Nothing is left to happen but failures and the end of the run.
void RunEnd::idle() {
  if (stopped_ || !sources_.is_over()) {
    return;
  }
  if (!books_.all_ended()) {
    if (!recovery_.any_waits()) {  // A request that waits goes on later, and may fill a batch.
      computing_.flush();
    }
  } else if (waits_for_director()) {
    return;
  } else if (!until_.after && (others_ || director_goes_on_)) {
    handle(0, 0, nullptr);
  } else if (!until_.after) {
    events_.clear();
  }
}

std::vector<Request*> RunEnd::unfinished() const {
  std::vector<Request*> all = requests_.in_use();
  if (others_) {
    const std::vector<Request*> others = others_();
    all.insert(all.end(), others.begin(), others.end());
  }
  return all;
}

/// Stops the run.
void RunEnd::handle(std::uint32_t /*kind*/, std::uint32_t /*number*/, void* /*subject*/) {
  if (std::exchange(stopped_, true)) {
    return;
  }
  activities_.stop();
  duration_ = until_.after.value_or(duration_);
  network_.stop(unfinished());
  events_.clear();  // Running flows end by themselves, and their signals are ignored.
}

}  // namespace offcut::engine
