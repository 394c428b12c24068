#pragma once

#include <cstdint>
#include <vector>

#include "models/base/random.h"
#include "sim/engine/core/event_queue.h"
#include "sim/engine/simulation.h"

namespace offcut::engine {

/// The sources of requests. Each class has a source for each device, or one for all of them. A
/// device that is away (network::Faults::presence of its machine) sends no requests: those that
/// would arrive do not, and in a closed loop it sends the next one as soon as it is back.
class Sources final : EventQueue::Handler {
 public:
  class Listener {
   public:
    virtual void arrives(std::size_t request_class, std::size_t device,
                         const workload::RequestDetail& detail) = 0;
    /// A request would arrive now, but its device sends no further ones, or is away.
    virtual void does_not_arrive() = 0;

   protected:
    ~Listener() = default;
  };

  Sources(const Simulation& simulation, EventQueue& events, Listener& listener);

  /// Schedules the first arrivals. All arrivals are in the background: those after the last counted
  /// request must not keep the run alive.
  void start();
  /// A request has ended. In a closed loop, its device thinks and then sends the next one.
  void ended(std::size_t request_class, std::size_t device);
  /// The device sends no further requests.
  void silence(std::size_t device);
  /// Returns whether no request will arrive any more, unless one that is present ends.
  bool is_over() const;

 private:
  struct ClassSources {
    std::vector<workload::ArrivalSource> sources;
    RandomStream devices;           // Draws the device of a request if there is one source for all.
    std::vector<std::size_t> from;  // Its devices; empty: all.
    bool has_details = false;
  };
  /// The arrivals of one device in closed loops.
  struct Progress {
    double last = -1;          // The time of the last one.
    std::int64_t at_once = 0;  // Further requests at that time.
  };

  void schedule(std::size_t request_class, std::size_t source);
  std::size_t device_of(const RequestClass& settings, ClassSources& sources, std::size_t source);
  void handle(std::uint32_t request_class, std::uint32_t source, void* subject) override;
  bool any_speaks(std::size_t request_class, std::size_t device) const;
  void check_progress(Progress& device) const;
  void note_away();
  bool is_silent(std::size_t device) const { return !silent_.empty() && silent_[device] != 0; }
  const network::Availability* presence_of(std::size_t device) const {
    return presence_.empty() ? nullptr : presence_[device];
  }

  const Simulation& simulation_;
  const std::size_t devices_;
  EventQueue& events_;
  Listener& listener_;
  std::vector<ClassSources> classes_;
  std::vector<Progress> progress_;
  std::int64_t scheduled_ = 0;
  std::int64_t arrived_ = 0;
  std::vector<char> silent_;  // By device; empty if none is.
  std::size_t silent_devices_ = 0;
  std::vector<const network::Availability*> presence_;  // By device; empty: all always are there.
  std::int64_t away_in_a_row_ = 0;  // Requests that did not arrive since the last one that did.
};

}  // namespace offcut::engine
