#pragma once

#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "sim/engine/core/itineraries.h"
#include "sim/engine/core/pool.h"
#include "sim/engine/core/request_pool.h"
#include "sim/engine/energy/energy_books.h"
#include "sim/engine/links/link_books.h"
#include "sim/engine/links/network.h"
#include "sim/engine/recovery.h"
#include "sim/engine/run_end.h"
#include "sim/engine/tasks/director.h"
#include "sim/engine/tiers/computing.h"
#include "sim/engine/withdrawal.h"

namespace offcut::engine {

/// The tasks of a director. A task is a request of the pool that belongs to no request: it has a
/// negative number, is of the class of with_tasks(), and goes through the same queues, lines and
/// links. A task that fails is lost, and its director decides what follows.
///
/// Admission does not reject a task, batches have no task beside others, and nothing of it counts
/// in the figures of requests. On a tier of unlike machines, it takes its service time on each of
/// them. The radio of a device is promoted before a message that leaves the device, stays awake
/// until the last bit has left, and then passes through its tails; a message to the device finds
/// the radio awake.
///
/// Calls of the director begin no work before they return: what it hands out begins in an event of
/// the same time.
class TaskWork final : public Tasks, EventQueue::Handler {
 public:
  class Listener {
   public:
    /// The computation enters its tier.
    virtual void submit(Request* task) = 0;
    /// The message takes its place in the line of its device.
    virtual void line_up(Request* task) = 0;

   protected:
    ~Listener() = default;
  };
  /// The parts of the engine that it uses.
  struct Parts {
    const Legs& legs;
    const network::Places& places;
    Itineraries& itineraries;
    EventQueue& events;
    LinkBooks& links;
    Network& network;
    Computing& computing;
    Recovery& recovery;
    EnergyBooks& energy;
    RequestPool& requests;
    Withdrawal& withdrawal;
    RunEnd& end;
  };

  /// REQUIRES: the simulation is one of with_tasks(). The arguments must outlive it.
  TaskWork(const Simulation& simulation, const Parts& parts, Director& director,
           Listener& listener);

  /// Schedules the call of Director::begins().
  void start();

  // The ends of tasks.

  void computed(Request* task) { finish(task, true); }
  /// The last bit of the message has left its sender, and the message has arrived.
  void sent(Request* task);
  void arrived(Request* task) { finish(task, true); }
  /// The task can't begin, or its machine or link went down. It is nowhere any more.
  void lost(Request* task);
  /// The task is lost, wherever it is.
  void give_up(Request* task);

  // Events that may end a wait.

  void came_up(const FaultClock::Component& component);
  void moved(std::size_t device);
  void battery_empty(std::size_t device);
  void failed_for_good() { look_whether_done(); }

  /// The run is over. REQUIRES: no message is on the air any more: see EnergyBooks::close().
  void ends(Seconds end);
  /// Fills in the books of tasks. Throws std::logic_error if a task was lost track of.
  void close(RunRecord& record);

  // Tasks.

  Seconds now() const override { return end_.value_or(Seconds(parts_.events.now())); }
  void compute(const Computation& computation, std::size_t token) override;
  void send(const Message& message, std::size_t token) override;
  void at(Seconds time, std::size_t token) override;
  bool is_up(std::size_t device, std::size_t level) const override;
  bool is_way_up(std::size_t device, std::size_t hop) const override;
  void when_up(std::size_t device, std::size_t level, std::size_t token) override;
  void when_way_up(std::size_t device, std::size_t hop, std::size_t token) override;
  Seconds idle_time(const Message& message) const override;
  std::size_t devices() const override { return devices_; }
  std::size_t levels(std::size_t device) const override;
  std::size_t site_of(std::size_t device, std::size_t level) const override;
  std::size_t group_of(std::size_t device) const override { return start_.group_of(device); }
  Joules energy_of(std::size_t device) const override;
  Joules energy() const override { return parts_.energy.of_all_devices(now().si()); }
  void end() override;

 private:
  enum Kind : std::uint32_t { kBegin, kTask, kWake };
  using Obstacle = Recovery::Obstacle;
  struct Wake {
    std::size_t token = 0;
    Wake* next = nullptr;  // Of the pool.
  };
  struct Waiter {
    std::size_t device = 0;
    std::size_t token = 0;
  };

  void handle(std::uint32_t kind, std::uint32_t number, void* subject) override;
  void begin(Request* task);
  void finish(Request* task, bool is_done);
  TaskReport report_of(const Request* task, bool is_done);
  void tell(const TaskReport& report);
  void look_whether_done();
  bool any_may_wake() const;
  bool is_over() const;
  Request* take(std::size_t device, std::size_t token);
  const Route* route_of(std::size_t group, std::size_t level, Bytes model);
  void schedule_wake(double time, std::size_t token);
  void wait(const Obstacle& obstacle, const Waiter& waiter);
  bool is_up(const Obstacle& obstacle, std::size_t device) const;
  /// Takes the waiters out of which `ends` returns true.
  template <class Ends>
  static void end_waits(std::vector<Waiter>& waiters, Ends ends);
  Obstacle machine_of(std::size_t device, std::size_t level) const;
  Obstacle link_of(std::size_t device, std::size_t hop) const;
  std::size_t tier_of(std::size_t device, std::size_t level) const;
  std::size_t hop_of(std::size_t device, std::size_t hop) const;
  bool is_empty(std::size_t device) const;

  const Simulation& simulation_;
  const Parts parts_;
  const network::Attachment& start_;
  const std::size_t devices_;
  Director& director_;
  Listener& listener_;
  std::map<std::tuple<std::size_t, std::size_t, double>, Itinerary> itineraries_;  // Never move.
  Pool<Wake> wakes_;
  std::map<Obstacle, std::vector<Waiter>> waiting_;
  std::size_t under_way_ = 0;   // Tasks.
  std::size_t wakes_left_ = 0;  // Scheduled calls of the director beside those of tasks.
  bool has_ended_ = false;      // The director hands out nothing any more.
  bool is_done_ = false;        // Nothing calls the director any more.
  std::optional<Seconds> end_;  // Of the run, when it is over.
  TaskRecord record_;
  std::vector<Traffic> carried_;  // Of each hop: up, down.
};

}  // namespace offcut::engine
