// Time-outs. An alarm is an event in the background with a number; a request that ends, or leaves
// the queue in which it would give up, changes its own number, so that the event finds its alarm
// off. The clock of a class that gives up while it waits runs in queues only, so each queue sets an
// alarm for the patience that is left.

#include "sim/engine/core/time_outs.h"

#include <algorithm>

namespace offcut::engine {
namespace {

/// Returns whether the last tier that computes the request, before a tail on the device, has begun.
bool service_has_begun(const Request* request) {
  const std::size_t last = request->route->last_computing;
  if (request->sending) {
    return !request->up || request->route->legs->from(request->stage) >= last;
  }
  return request->tail || (request->stage == last && request->computing);
}

}  // namespace

TimeOuts::TimeOuts(const Simulation& simulation, EventQueue& events, Listener& listener)
    : simulation_(simulation), events_(events), listener_(listener) {
  for (const RequestClass& request_class : simulation.classes) {
    const bool gives_up = request_class.time_out.after < kNever;
    any_ = any_ || gives_up;
    any_waits_ =
        any_waits_ || (gives_up && request_class.time_out.counts == TimeOut::Counts::waiting);
  }
}

void TimeOuts::start(Request* request) {
  const TimeOut& time_out = time_out_of(request);
  if (time_out.after == kNever) {
    return;
  }
  if (time_out.counts == TimeOut::Counts::waiting) {
    request->patience = time_out.after.si();
  } else {
    set_alarm(request, time_out.after);
  }
}

void TimeOuts::set_alarm(Request* request, Seconds after) {
  events_.schedule_in_background(events_.now() + after.si(), *this, 0, ++request->alarm, request);
}

void TimeOuts::start_waiting(Request* request) {
  const TimeOut& time_out = time_out_of(request);
  if (!request->is_side() && time_out.after < kNever &&
      time_out.counts == TimeOut::Counts::waiting) {
    set_alarm(request, Seconds(request->patience));
  }
}

void TimeOuts::stop_waiting(Request* request) {
  if (time_out_of(request).counts == TimeOut::Counts::waiting) {
    request->patience = std::max(request->patience - (events_.now() - request->since), 0.0);
    ++request->alarm;
  }
}

void TimeOuts::handle(std::uint32_t /*kind*/, std::uint32_t number, void* subject) {
  auto* request = static_cast<Request*>(subject);
  if (request->alarm != number) {
    return;
  }
  if (time_out_of(request).counts != TimeOut::Counts::unstarted || !service_has_begun(request)) {
    listener_.time_is_out(request);
  }
}

}  // namespace offcut::engine
