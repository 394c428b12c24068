#pragma once

#include <vector>

#include "models/base/random.h"
#include "sim/engine/core/event_queue.h"
#include "sim/engine/simulation.h"

namespace offcut::engine {

/// The sources of requests: each class has a source for each device, or one for all of them.
class Sources final : EventQueue::Handler {
 public:
  class Listener {
   public:
    virtual void arrives(std::size_t request_class, std::size_t device) = 0;

   protected:
    ~Listener() = default;
  };

  Sources(const Simulation& simulation, EventQueue& events, Listener& listener);

  /// Schedules the first arrivals. All arrivals are in the background: those that come after the
  /// last counted request must not keep the run alive.
  void start();
  /// A request has ended: in a closed loop its device thinks, and asks again.
  void ended(std::size_t request_class, std::size_t device);
  /// None will arrive any more, unless one that is there ends.
  bool is_over() const;

 private:
  struct OfClass {
    std::vector<workload::ArrivalSource> sources;
    RandomStream devices;  // which one asks, where there is one source for all
  };
  struct Asking {  // of one device, in closed loops
    double last = -1;
    std::int64_t at_once = 0;  // requests at that time, but one
  };

  void schedule(std::size_t request_class, std::size_t source);
  void handle(std::uint32_t request_class, std::uint32_t source, void* subject) override;
  void check_progress(Asking& device) const;

  const Simulation& simulation_;
  EventQueue& events_;
  Listener& listener_;
  std::vector<OfClass> classes_;
  std::vector<Asking> asking_;
  std::int64_t to_come_ = 0;
  std::int64_t arrived_ = 0;
};

}  // namespace offcut::engine
