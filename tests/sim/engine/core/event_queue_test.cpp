// Timers over SimGrid's clock.

#include "sim/engine/core/event_queue.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "../simgrid_run.h"

namespace offcut::engine::event_queue_test {
namespace {

constexpr std::uint32_t kClear = 100, kWantsClock = 101, kAgain = 102;

/// Writes down the events that it handles, with their times.
class Log final : public EventQueue::Handler {
 public:
  Log(EventQueue& events, std::string& text) : events_(events), text_(text) {}

  void handle(std::uint32_t kind, std::uint32_t number, void*) override {
    text_ += fmt::format("{}@{:g} ", kind, events_.now());
    if (kind == kClear) {
      events_.clear();
    } else if (kind == kWantsClock) {
      // SimGrid has nothing under way, so its clock stands still.
      text_ += fmt::format("clock {:g} ", simgrid::s4u::Engine::get_clock());
      events_.with_clock(*this, kAgain);
    } else if (kind == kAgain) {
      text_ += fmt::format("clock {:g} ", simgrid::s4u::Engine::get_clock());
    } else if (number > 0) {
      events_.schedule(events_.now(), *this, kind + 1, number - 1);
    }
  }

 private:
  EventQueue& events_;
  std::string& text_;
};

}  // namespace

TEST_CASE("event queue: events run in the order of their times, then of their scheduling") {
  const std::string text = simgrid_run([](EventQueue& events, std::string& log, const auto& run) {
    Log handler(events, log);
    events.schedule(5, handler, 2);
    events.schedule(3, handler, 1);
    events.schedule(5, handler, 3);
    events.schedule_in_background(5, handler, 4);
    events.schedule(1, handler, 10, 2);  // It schedules two more for that time.
    run();
  });
  CHECK(text == "10@1 11@1 12@1 1@3 2@5 3@5 4@5 ");
}

TEST_CASE("event queue: it is idle while only background events are left") {
  const std::string text = simgrid_run([](EventQueue& events, std::string& log, const auto& run) {
    Log handler(events, log);
    events.when_idle([&] { log += "idle "; });
    events.schedule_in_background(1, handler, 1);
    events.schedule(2, handler, 2);
    events.schedule_in_background(3, handler, 3);
    events.schedule_in_background(4, handler, 4);
    run();
  });
  CHECK(text == "1@1 2@2 idle 3@3 idle 4@4 idle ");
}

TEST_CASE("event queue: an activity in SimGrid keeps it from being idle") {
  const std::string text = simgrid_run([](EventQueue& events, std::string& log, const auto& run) {
    Log handler(events, log);
    events.when_idle([&] { log += "idle "; });
    events.activity_started();
    events.schedule_in_background(1, handler, 1);
    run();
  });
  CHECK(text == "1@1 ");
}

TEST_CASE("event queue: clear drops all scheduled events") {
  const std::string text = simgrid_run([](EventQueue& events, std::string& log, const auto& run) {
    Log handler(events, log);
    events.schedule(1, handler, 1);
    events.schedule(2, handler, kClear);
    events.schedule(2, handler, 2);
    events.schedule(3, handler, 3);
    run();
  });
  CHECK(text == "1@1 100@2 ");
}

TEST_CASE("event queue: with_clock waits for SimGrid's clock, and later events wait for it") {
  const std::string text = simgrid_run([](EventQueue& events, std::string& log, const auto& run) {
    Log handler(events, log);
    events.schedule(1, handler, 1);
    events.schedule(2, handler, kWantsClock);
    events.schedule(2, handler, 2);
    events.schedule(3, handler, 3);
    run();
  });
  CHECK(text == "1@1 101@2 clock 1 2@2 102@2 clock 2 3@3 ");
}

}  // namespace offcut::engine::event_queue_test
