// The loop of the simulation. SimGrid calls pump() at the time of the earliest event, which then
// runs all events that are due, and those after them while SimGrid has nothing under way. An event
// that starts an activity in SimGrid waits until SimGrid's clock has caught up: see with_clock().

#include "sim/engine/core/event_queue.h"

#include <simgrid/kernel/Timer.hpp>
#include <simgrid/s4u/Engine.hpp>

namespace offcut::engine {

double EventQueue::simgrid_clock() { return simgrid::s4u::Engine::get_clock(); }

void EventQueue::push(double time, Handler& handler, std::uint32_t kind, std::uint32_t number,
                      void* subject, Ground ground) {
  heap_.push(time, {&handler, subject, kind, number, ground});
  if (handling_ < 0) {
    arm();
  }
}

void EventQueue::with_clock(Handler& handler, std::uint32_t kind, std::uint32_t number,
                            void* subject) {
  if (simgrid_clock() >= now()) {
    handler.handle(kind, number, subject);
    return;
  }
  ++foreground_;
  ++wanting_clock_;
  push(now(), handler, kind, number, subject, Ground::wants_clock);
}

void EventQueue::clear() {
  heap_.clear();
  foreground_ = wanting_clock_ = 0;
}

void EventQueue::look_for_idle() {
  if (foreground_ == 0 && activities_ == 0 && idle_) {
    idle_();
  }
}

void EventQueue::arm() {
  if (!heap_.empty() && heap_.time() < armed_) {
    armed_ = heap_.time();
    simgrid::kernel::timer::Timer::set(armed_, [this] { pump(); });
  }
}

void EventQueue::pump() {
  const double clock = simgrid_clock();
  // A timer that an earlier one overtook fires too, late and with nothing to do. It must not disarm
  // the queue.
  if (armed_ <= clock) {
    armed_ = std::numeric_limits<double>::infinity();
  }
  while (!heap_.empty() && (heap_.time() <= clock || may_run_ahead())) {
    handling_ = heap_.time();
    const Event event = heap_.pop();
    foreground_ -= event.ground == Ground::back ? 0 : 1;
    wanting_clock_ -= event.ground == Ground::wants_clock ? 1 : 0;
    event.handler->handle(event.kind, event.number, event.subject);
    look_for_idle();
  }
  handling_ = -1;
  arm();
}

}  // namespace offcut::engine
