#pragma once

#include "sim/engine/core/event_queue.h"
#include "sim/engine/core/request.h"

namespace offcut::engine {

/// The clocks of requests that give up, as the time-outs of their classes say. A class without a
/// time-out costs nothing.
class TimeOuts final : EventQueue::Handler {
 public:
  class Listener {
   public:
    /// The request gives up. REQUIRES of the listener: it ends the request.
    virtual void time_is_out(Request* request) = 0;

   protected:
    ~Listener() = default;
  };

  TimeOuts(const Simulation& simulation, EventQueue& events, Listener& listener);

  void arrives(Request* request) {
    if (any_) {
      start(request);
    }
  }
  /// The request joins, or leaves, the queue of a machine or the line of its device's messages, in
  /// which it has been since request->since.
  void joins_queue(Request* request) {
    if (any_waits_) {
      start_waiting(request);
    }
  }
  void leaves_queue(Request* request) {
    if (any_waits_) {
      stop_waiting(request);
    }
  }
  /// The request has ended: its alarm is off.
  static void ends(Request* request) { ++request->alarm; }

 private:
  void handle(std::uint32_t kind, std::uint32_t number, void* subject) override;
  const TimeOut& time_out_of(const Request* request) const {
    return simulation_.classes[request->record.request_class].time_out;
  }
  void start(Request* request);
  void set_alarm(Request* request, Seconds after);
  void start_waiting(Request* request);
  void stop_waiting(Request* request);

  const Simulation& simulation_;
  EventQueue& events_;
  Listener& listener_;
  bool any_ = false;        // A class gives up at all.
  bool any_waits_ = false;  // A class gives up while it waits.
};

}  // namespace offcut::engine
