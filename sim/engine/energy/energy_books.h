#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "sim/engine/energy/batteries.h"

namespace offcut::engine {

/// The cores of a tier, integrated over time until now.
struct CoreTimes {
  double busy = 0;
  std::optional<double> existing;  // With an autoscaler: those of machines that existed.
};

/// The books of a run's energy: the states of machines, from how long they were up and busy, and
/// the radios and batteries of the devices. Without these, a request costs them nothing.
class EnergyBooks {
 public:
  EnergyBooks(const Simulation& simulation, const Legs& legs, EventQueue& events,
              Radios::Listener& radio_listener, Batteries::Listener& battery_listener);
  EnergyBooks(const EnergyBooks&) = delete;  // Batteries hold the address of the radios.

  void start() {
    if (batteries_) {
      batteries_->start();
    }
  }
  /// Returns the batteries of the devices; null if they have none.
  Batteries* batteries() { return batteries_ ? &*batteries_ : nullptr; }
  /// Returns the time of the batteries' last change.
  Seconds latest() const { return Seconds(batteries_ ? batteries_->latest() : 0); }
  /// Returns whether the machine is a device whose battery is empty.
  bool is_empty(std::size_t tier, std::size_t machine) const {
    return tier == 0 && batteries_ && batteries_->is_empty(machine);
  }

  /// See Radios. Messages of legs that begin on later tiers do not concern it.
  bool promotes(Request* request) {
    Radios* radios = radios_of_leg(request);
    if (radios == nullptr || !request->up) {
      return false;
    }
    const std::size_t interface = legs_.interface(request->stage);
    if (request->on_radio && request->radio != interface) {
      releases(request);  // It went out over another one before.
    }
    request->radio = static_cast<std::uint8_t>(interface);
    return radios->promotes(request);
  }
  void begins(Request* request) {
    if (Radios* radios = radios_of_leg(request)) {
      radios->begins(request);
    }
  }
  void stalls(Request* request) {
    if (request->is_on_air()) {
      radios_of_leg(request)->stalls(request);
    }
  }
  void goes_on(Request* request) {
    if (request->is_on_air()) {
      radios_of_leg(request)->goes_on(request);
    }
  }
  void ends(Request* request, Bytes crossed, double now) {
    if (request->is_on_air()) {
      radios_of_leg(request)->ends(request, crossed, now);
    }
  }
  void releases(Request* request) {
    if (request->on_radio) {
      radios_[request->radio]->releases(request);
    }
  }
  void machine_down(std::size_t tier, std::size_t machine);
  void machine_up(std::size_t tier, std::size_t machine);

  /// Returns the energy that the machines of a tier took so far, and of tier 0 also the radios;
  /// none if it is unknown.
  std::optional<Joules> so_far(std::size_t tier, double now, const CoreTimes& cores);
  /// Fills in the states of all machines and radios, and the batteries, of a run with these tiers
  /// and hops. Throws std::logic_error unless the times of the states add up to the machines' time,
  /// see also Radios::close() and Batteries. REQUIRES: ends() was called for each message that is
  /// on the air.
  void close(double end, RunRecord& run);

 private:
  /// The machines of a tier that are up, integrated over time.
  struct Up {
    double machines = 0;
    double since = 0;
    double time = 0;
  };

  /// Returns the radios of the interface that the request's message crosses; null if there is none,
  /// or its draw is unknown.
  Radios* radios_of_leg(const Request* request) {
    return any_radio_ && legs_.leaves_device(request->stage)
               ? radios_[legs_.interface(request->stage)].get()
               : nullptr;
  }
  void change(std::size_t tier, double machines);
  std::vector<EnergyState> machines(std::size_t tier, double end, const TierUsage& usage) const;

  const Simulation& simulation_;
  const Legs& legs_;
  const EventQueue& events_;
  std::vector<Up> up_;                           // By tier.
  std::vector<std::unique_ptr<Radios>> radios_;  // By interface of the devices; null: unknown.
  bool any_radio_ = false;
  std::optional<Batteries> batteries_;
};

}  // namespace offcut::engine
