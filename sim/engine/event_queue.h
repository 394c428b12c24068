#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

namespace offcut {

/// Our own timers over one SimGrid timer: a binary heap that arms SimGrid for its earliest event
/// only. Events of the same time run in the order in which they were scheduled.
class EventQueue {
 public:
  struct Event {
    double time;
    std::uint64_t order;
    std::uint32_t kind;
    std::uint32_t number;  // of a device, a tier: whatever the kind needs
    void* subject;
  };

  explicit EventQueue(std::function<void(const Event&)> handle) : handle_(std::move(handle)) {}
  EventQueue(const EventQueue&) = delete;  // SimGrid's timer holds its address
  EventQueue& operator=(const EventQueue&) = delete;

  void schedule(double time, std::uint32_t kind, std::uint32_t number, void* subject);
  /// Drops all that is scheduled.
  void clear() { heap_.clear(); }
  /// The time of the event being handled, or SimGrid's clock between events.
  double now() const;

 private:
  void arm();
  void pump();

  std::function<void(const Event&)> handle_;
  std::vector<Event> heap_;
  std::uint64_t scheduled_ = 0;
  double armed_ = std::numeric_limits<double>::infinity();
  double handling_ = -1;
};

}  // namespace offcut
