#include "sim/engine/event_queue.h"

#include <algorithm>
#include <simgrid/kernel/Timer.hpp>
#include <simgrid/s4u/Engine.hpp>

namespace offcut {
namespace {

/// Heap order: the earliest on top, first scheduled first.
bool later(const EventQueue::Event& a, const EventQueue::Event& b) {
  return a.time != b.time ? a.time > b.time : a.order > b.order;
}

}  // namespace

double EventQueue::now() const {
  return handling_ >= 0 ? handling_ : simgrid::s4u::Engine::get_clock();
}

void EventQueue::schedule(double time, std::uint32_t kind, std::uint32_t number, void* subject) {
  heap_.push_back({time, scheduled_++, kind, number, subject});
  std::push_heap(heap_.begin(), heap_.end(), later);
  if (handling_ < 0) {
    arm();
  }
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
  while (!heap_.empty() && heap_.front().time <= clock) {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Event event = heap_.back();
    heap_.pop_back();
    handling_ = event.time;
    handle_(event);
  }
  handling_ = -1;
  arm();
}

}  // namespace offcut
