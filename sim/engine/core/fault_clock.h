#pragma once

#include <optional>
#include <vector>

#include "models/base/random.h"
#include "sim/engine/core/event_queue.h"
#include "sim/engine/simulation.h"

namespace offcut::engine {

/// Schedules when machines and links go down and come up again, and tells its listener.
class FaultClock final : EventQueue::Handler {
 public:
  /// A machine or a link.
  struct Component {
    bool is_link = false;
    std::size_t position = 0;  // The number of the tier or hop.
    std::size_t index = 0;     // The number of the machine or link.
  };
  class Listener {
   public:
    virtual void goes_down(const Component& component) = 0;
    virtual void comes_up(const Component& component) = 0;
    /// The component, which is down, will not come up again.
    virtual void fails_for_good(const Component& component) = 0;

   protected:
    ~Listener() = default;
  };

  FaultClock(const Simulation& simulation, const network::Attachment& attachment,
             EventQueue& events, Listener& listener);

  /// Schedules all given outages and the first random ones, in the background, and takes down the
  /// machines and links of devices that are not there at the start.
  void start();

 private:
  enum Kind : std::uint32_t { kDown, kUp, kFail, kRepair, kDownForGood, kFailForGood, kPresence };
  struct Entity {
    Component component;
    std::vector<network::Outage> outages;
    std::optional<network::Faults::Exponential> exponential;
    RandomStream stream;
    const network::Availability* presence = nullptr;  // Null: its device is always there.
    std::size_t changes = 0;                          // Of `presence`, so far.
    int reasons = 0;  // For being down: a given outage may overlap with a random one.
  };

  void add(const network::Faults& faults, std::string_view name, bool is_link, std::size_t position,
           std::size_t count);
  void handle(std::uint32_t kind, std::uint32_t number, void* subject) override;
  void schedule_random(Kind kind, std::uint32_t number);
  void start_presence(std::uint32_t number);
  void change_presence(std::uint32_t number);
  void schedule_presence(std::uint32_t number);
  void down(Entity& entity, bool is_for_good);
  void up(Entity& entity);

  const Simulation& simulation_;
  EventQueue& events_;
  Listener& listener_;
  std::vector<Entity> entities_;
};

}  // namespace offcut::engine
