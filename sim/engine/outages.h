#pragma once

#include <functional>
#include <utility>

#include "sim/engine/core/fault_clock.h"
#include "sim/engine/energy/energy_books.h"
#include "sim/engine/links/link_books.h"
#include "sim/engine/links/network.h"
#include "sim/engine/recovery.h"
#include "sim/engine/tiers/computing.h"

namespace offcut::engine {

/// Takes links and machines down and up when the clock of faults says so, tells the requests that
/// wait for them, and reports it to the observer of events.
class Outages final : FaultClock::Listener {
 public:
  Outages(const Simulation& simulation, const network::Attachment& attachment, EventQueue& events,
          LinkBooks& links, Network& network, Computing& computing, EnergyBooks& energy,
          Recovery& recovery, const Observers& observers)
      : events_(events),
        links_(links),
        network_(network),
        computing_(computing),
        energy_(energy),
        recovery_(recovery),
        observers_(observers),
        clock_(simulation, attachment, events, *this) {}

  /// Schedules the first ones.
  void start() { clock_.start(); }
  /// Takes down the machine of a device whose battery is empty.
  void battery_empty(std::size_t group, std::size_t device);
  /// Sets a function that is called when a link has come up.
  void on_link_up(std::function<void(std::size_t hop, std::size_t link)> link_up) {
    link_up_ = std::move(link_up);
  }
  void battery_low(std::size_t group, std::size_t device) {
    report(RunEvent::Kind::battery_low, {false, group, device});
  }

 private:
  void goes_down(const FaultClock::Component& component) override;
  void comes_up(const FaultClock::Component& component) override;
  void fails_for_good(const FaultClock::Component& component) override {
    recovery_.fails_for_good(component);
  }
  void take_machine_down(const FaultClock::Component& component);
  bool is_empty(const FaultClock::Component& component) const {
    return !component.is_link && energy_.is_empty(component.position, component.index);
  }
  void report(RunEvent::Kind kind, const FaultClock::Component& component) const;

  const EventQueue& events_;
  LinkBooks& links_;
  Network& network_;
  Computing& computing_;
  EnergyBooks& energy_;
  Recovery& recovery_;
  const Observers& observers_;
  std::function<void(std::size_t, std::size_t)> link_up_;
  FaultClock clock_;
};

}  // namespace offcut::engine
