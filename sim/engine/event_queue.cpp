#include "sim/engine/event_queue.h"

#include <algorithm>
#include <simgrid/kernel/Timer.hpp>
#include <simgrid/s4u/Engine.hpp>

namespace offcut {

/// Heap order: the earliest on top, first scheduled first.
bool EventQueue::later(const Event& a, const Event& b) {
  return a.time != b.time ? a.time > b.time : a.order > b.order;
}

double EventQueue::now() const {
  return handling_ >= 0 ? handling_ : simgrid::s4u::Engine::get_clock();
}

void EventQueue::push(const Event& event) {
  heap_.push_back(event);
  std::push_heap(heap_.begin(), heap_.end(), later);
  if (handling_ < 0) {
    arm();
  }
}

void EventQueue::with_clock(Handler& handler, std::uint32_t kind, std::uint32_t number,
                            void* subject) {
  if (simgrid::s4u::Engine::get_clock() >= now()) {
    handler.handle(kind, number, subject);
    return;
  }
  ++foreground_;
  ++wanting_clock_;
  push({now(), scheduled_++, &handler, kind, number, subject, false, true});
}

void EventQueue::clear() {
  heap_.clear();
  foreground_ = wanting_clock_ = 0;
}

void EventQueue::arm() {
  if (!heap_.empty() && heap_.front().time < armed_) {
    armed_ = heap_.front().time;
    simgrid::kernel::timer::Timer::set(armed_, [this] { pump(); });
  }
}

void EventQueue::pump() {
  const double clock = simgrid::s4u::Engine::get_clock();
  // A timer that was overtaken by an earlier one fires too, late and with nothing to do: it must
  // not disarm.
  if (armed_ <= clock) {
    armed_ = std::numeric_limits<double>::infinity();
  }
  while (!heap_.empty() && (heap_.front().time <= clock || may_run_ahead())) {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Event event = heap_.back();
    heap_.pop_back();
    foreground_ -= event.background ? 0 : 1;
    wanting_clock_ -= event.wants_clock ? 1 : 0;
    handling_ = event.time;
    event.handler->handle(event.kind, event.number, event.subject);
    if (foreground_ == 0 && activities_ == 0 && idle_) {
      idle_();
    }
  }
  handling_ = -1;
  arm();
}

}  // namespace offcut
