#pragma once

#include <cstdint>
#include <functional>
#include <limits>

#include "sim/engine/core/time_heap.h"

namespace offcut::engine {

/// The engine's timers over one SimGrid timer: a heap that arms SimGrid for its earliest event
/// only. Events of the same time run in the order in which they were scheduled. As long as SimGrid
/// has no activity under way, nothing can happen between two events, so its clock stands still and
/// the heap runs ahead of it.
class EventQueue {
 public:
  class Handler {
   public:
    /// The handler alone knows the meaning of the numbers.
    virtual void handle(std::uint32_t kind, std::uint32_t number, void* subject) = 0;

   protected:
    ~Handler() = default;
  };

  EventQueue() = default;
  EventQueue(const EventQueue&) = delete;  // SimGrid's timer holds its address.
  EventQueue& operator=(const EventQueue&) = delete;

  void schedule(double time, Handler& handler, std::uint32_t kind, std::uint32_t number = 0,
                void* subject = nullptr) {
    ++foreground_;
    push(time, handler, kind, number, subject, Ground::fore);
  }
  /// Schedules an event that does not keep the run from being idle, such as an outage, which
  /// happens whether or not requests are present.
  void schedule_in_background(double time, Handler& handler, std::uint32_t kind,
                              std::uint32_t number = 0, void* subject = nullptr) {
    push(time, handler, kind, number, subject, Ground::back);
  }
  /// Keeps the run from being idle until release(): for activities that may end before their events
  /// are due, which are therefore in the background.
  void hold() { ++foreground_; }
  void release() { --foreground_; }
  /// Calls the handler at the present time, but not before SimGrid's clock has reached it: for
  /// handlers that start an activity in SimGrid.
  void with_clock(Handler& handler, std::uint32_t kind, std::uint32_t number = 0,
                  void* subject = nullptr);

  /// Count the activities that SimGrid has under way.
  void activity_started() { ++activities_; }
  void activity_ended() { --activities_; }

  /// Sets the function that is called whenever only background events are left.
  void when_idle(std::function<void()> idle) { idle_ = std::move(idle); }
  /// Calls that function if the run is idle. The queue does so after each event; a callback of
  /// SimGrid has to do it itself.
  void look_for_idle();
  /// Drops all scheduled events.
  void clear();
  /// Returns the time of the event being handled, or SimGrid's clock between events.
  double now() const { return handling_ >= 0 ? handling_ : simgrid_clock(); }

 private:
  enum class Ground : std::uint8_t { fore, back, wants_clock };
  struct Event {
    Handler* handler;
    void* subject;
    std::uint32_t kind, number;
    Ground ground;
  };

  void push(double time, Handler& handler, std::uint32_t kind, std::uint32_t number, void* subject,
            Ground ground);
  static double simgrid_clock();
  void arm();
  void pump();
  bool may_run_ahead() const { return activities_ == 0 && wanting_clock_ == 0; }

  TimeHeap<Event> heap_;
  std::function<void()> idle_;
  std::size_t foreground_ = 0;  // Events that are not in the background, and holds.
  std::size_t activities_ = 0;
  std::size_t wanting_clock_ = 0;
  double armed_ = std::numeric_limits<double>::infinity();
  double handling_ = -1;
};

}  // namespace offcut::engine
