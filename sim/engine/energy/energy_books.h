#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "sim/engine/core/machine_groups.h"
#include "sim/engine/energy/batteries.h"

namespace offcut::engine {

/// The cores of a tier, integrated over time until now.
struct CoreTimes {
  double busy = 0;
  std::vector<double> of_groups;   // The same by group of unlike machines; otherwise empty.
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
    for (const auto& batteries : batteries_) {
      if (batteries) {
        batteries->start();
      }
    }
  }
  /// Returns the batteries of the devices that are this tier; null if they have none.
  Batteries* batteries(std::size_t tier) const {
    return tier < batteries_.size() ? batteries_[tier].get() : nullptr;
  }
  /// Follows devices without batteries one by one, too, as far as their power draws are known, for
  /// of_device(). REQUIRES: called before the run starts.
  void follow_devices();
  /// Returns what follows the devices that are this tier: their batteries, or else meters. Null if
  /// nothing does.
  Batteries* followers(std::size_t tier) const {
    Batteries* own = batteries(tier);
    return own == nullptr && tier < meters_.size() && meters_[tier] ? &meters_[tier]->meter : own;
  }
  /// Returns the energy that a device took so far, with the radio of its first hop; 0 if it is
  /// unknown.
  Joules of_device(std::size_t tier, std::size_t device, double now) const {
    Batteries* own = followers(tier);
    return own != nullptr ? own->taken_by(device, now) : Joules(0);
  }
  /// Returns the sum of the above over all devices, added up in their order.
  Joules of_all_devices(double now) const {
    Joules sum;
    for (std::size_t group = 0; group < simulation_.groups; ++group) {
      Batteries* own = followers(group);
      sum = own != nullptr ? own->taken(now, sum) : sum;
    }
    return sum;
  }
  /// Returns the time of the batteries' last change.
  Seconds latest() const {
    double latest = 0;
    for (const auto& batteries : batteries_) {
      latest = std::max(latest, batteries ? batteries->latest() : 0);
    }
    return Seconds(latest);
  }
  /// Returns whether the machine is a device whose battery is empty.
  bool is_empty(std::size_t tier, std::size_t machine) const {
    const Batteries* own = batteries(tier);
    return own != nullptr && own->is_empty(machine);
  }

  /// See Radios. Messages of legs that begin on later tiers do not concern it.
  bool promotes(Request* request) {
    Radios* radios = radios_of_leg(request);
    if (radios == nullptr || !request->up) {
      return false;
    }
    const std::size_t interface = legs_.interface(request->stage);
    if (request->on_radio && interface_awake(request) != interface) {
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
      radios_[interface_awake(request)]->releases(request);
    }
  }
  void machine_down(std::size_t tier, std::size_t machine);
  void machine_up(std::size_t tier, std::size_t machine);

  /// Returns the energy that the machines of a tier took so far, and of devices also the radios;
  /// none if it is unknown.
  std::optional<Joules> so_far(std::size_t tier, double now, const CoreTimes& cores);
  /// Fills in the states of all machines and radios, and the batteries, of a run with these tiers
  /// and hops. Throws std::logic_error unless the times of the states add up to the machines' time,
  /// see also Radios::close() and Batteries. REQUIRES: ends() was called for each message that is
  /// on the air.
  void close(double end, RunRecord& run);

 private:
  /// The machines of a group that are up, integrated over time.
  struct Up {
    double machines = 0;
    double since = 0;
    double time = 0;
  };

  /// A battery for each device that is never empty: it counts what the device takes.
  struct Meters {
    Meters(const Tier& devices, std::size_t group, Radios* radios, EventQueue& events,
           Batteries::Listener& listener)
        : tier(with_battery(devices)), meter(tier, group, radios, events, listener) {}
    static Tier with_battery(Tier devices);

    Tier tier;
    Batteries meter;
  };

  /// The machines of a tier.
  struct Machines {
    MachineGroups groups;
    std::vector<Up> up;  // By group.
  };

  /// Returns the radios of the interface that the request's message crosses; null if there is none,
  /// or its draw is unknown.
  Radios* radios_of_leg(const Request* request) {
    return any_radio_ && legs_.leaves_device(request->stage)
               ? radios_[legs_.interface(request->stage)].get()
               : nullptr;
  }
  /// Returns the interface whose radio stays awake for the request's answer.
  std::size_t interface_awake(const Request* request) const {
    return simulation_.groups > 1 ? request->route->group : request->radio;
  }
  /// Returns whether the interface belongs to the devices that are this tier.
  bool is_of(std::size_t interface, std::size_t tier) const {
    return legs_.from(legs_.hops_from_device()[interface]) == tier;
  }
  void change(std::size_t tier, std::size_t machine, double machines);
  std::vector<EnergyState> machines(std::size_t tier, std::size_t group, double end,
                                    const TierUsage& usage) const;
  void close_radios(std::size_t tier, double end, const RunRecord& run,
                    std::vector<EnergyState>& states);
  void close_devices(std::size_t tier, double end, RunRecord& run);

  const Simulation& simulation_;
  const Legs& legs_;
  EventQueue& events_;
  Batteries::Listener& battery_listener_;
  std::vector<Machines> machines_;               // By tier.
  std::vector<std::unique_ptr<Radios>> radios_;  // By interface of the devices; null: unknown.
  bool any_radio_ = false;
  // By group of devices; empty if none of them has any.
  std::vector<std::unique_ptr<Batteries>> batteries_;
  std::vector<std::unique_ptr<Meters>> meters_;  // The same, of follow_devices().
};

}  // namespace offcut::engine
