#pragma once

#include <boost/heap/d_ary_heap.hpp>
#include <cstdint>
#include <functional>
#include <limits>

namespace offcut::engine {

/// Our own timers over one SimGrid timer: a heap that arms SimGrid for its earliest event
/// only. Events of the same time run in the order in which they were scheduled. As long as SimGrid
/// has nothing under way, its clock stands still and the heap goes on alone: nothing can happen
/// between two events then.
class EventQueue {
 public:
  class Handler {
   public:
    /// What the numbers mean is the handler's own business.
    virtual void handle(std::uint32_t kind, std::uint32_t number, void* subject) = 0;

   protected:
    ~Handler() = default;
  };

  EventQueue() = default;
  EventQueue(const EventQueue&) = delete;  // SimGrid's timer holds its address
  EventQueue& operator=(const EventQueue&) = delete;

  void schedule(double time, Handler& handler, std::uint32_t kind, std::uint32_t number = 0,
                void* subject = nullptr) {
    ++foreground_;
    push(time, handler, kind, number, subject, kForeground);
  }
  /// The same for what goes on whether or not anybody is there to see it: alone, it does not keep
  /// the run from being idle.
  void schedule_in_background(double time, Handler& handler, std::uint32_t kind,
                              std::uint32_t number = 0, void* subject = nullptr) {
    push(time, handler, kind, number, subject, kBackground);
  }
  /// Something goes on whose events are in the background, since it may end before they are due:
  /// until release() the run is not idle.
  void hold() { ++foreground_; }
  void release() { --foreground_; }
  /// Handles it now, but when SimGrid's clock has come here too: for what starts something there.
  void with_clock(Handler& handler, std::uint32_t kind, std::uint32_t number = 0,
                  void* subject = nullptr);

  /// Of SimGrid: how many activities it has under way.
  void activity_started() { ++activities_; }
  void activity_ended() { --activities_; }

  /// Is called whenever nothing is left to happen but in the background.
  void when_idle(std::function<void()> idle) { idle_ = std::move(idle); }
  /// Calls it if the run is idle. The queue does so after each event; a callback of SimGrid has to
  /// do it itself.
  void look_for_idle();
  /// Drops all that is scheduled.
  void clear();
  /// The time of the event being handled, or SimGrid's clock between events.
  double now() const;

 private:
  struct Event {
    double time;
    std::uint64_t order;
    Handler* handler;
    std::uint32_t kind, number;
    void* subject;
  };
  /// Heap order: the earliest on top, first scheduled first.
  struct Later {
    bool operator()(const Event& a, const Event& b) const {
      return a.time != b.time ? a.time > b.time : a.order > b.order;
    }
  };
  // In the lowest bits of Event::order: a smaller event is a faster heap.
  static constexpr std::uint64_t kForeground = 0, kBackground = 1, kWantsClock = 2, kFlags = 3;

  void push(double time, Handler& handler, std::uint32_t kind, std::uint32_t number, void* subject,
            std::uint64_t flag);
  void arm();
  void pump();
  bool may_run_ahead() const { return activities_ == 0 && wanting_clock_ == 0; }

  boost::heap::d_ary_heap<Event, boost::heap::arity<4>, boost::heap::compare<Later>> heap_;
  std::function<void()> idle_;
  std::uint64_t scheduled_ = 0;
  std::size_t foreground_ = 0;  // events that are not in the background, and what holds
  std::size_t activities_ = 0;
  std::size_t wanting_clock_ = 0;
  double armed_ = std::numeric_limits<double>::infinity();
  double handling_ = -1;
};

}  // namespace offcut::engine
