#pragma once

#include <vector>

#include "sim/engine/core/event_queue.h"
#include "sim/engine/energy/radios.h"

namespace offcut::engine {

/// The batteries of a group of devices, which their machines and radios empty. A battery that falls
/// below its share for low-power mode puts its device into that mode; an empty one ends the device.
/// The energy of a message's bytes is taken when the message ends.
class Batteries final : EventQueue::Handler {
 public:
  class Listener {
   public:
    virtual void battery_low(std::size_t group, std::size_t device) = 0;
    /// The device computes and sends no longer. REQUIRES of the listener: it ends all requests of
    /// the device, and takes its machine down.
    virtual void battery_empty(std::size_t group, std::size_t device) = 0;

   protected:
    ~Listener() = default;
  };

  /// `group` is the number of the devices' tier, in which they are numbered from 0. REQUIRES: the
  /// devices have batteries and known power draws. `radios` is null if the devices have none, or
  /// its draw is unknown: then it takes nothing.
  Batteries(const Tier& devices, std::size_t group, Radios* radios, EventQueue& events,
            Listener& listener);
  Batteries(const Batteries&) = delete;  // Its radios and events hold its address.

  /// Sets the events of full batteries, at the time 0.
  void start();
  /// Counts what the device took until now, before the draw of its radio changes.
  void settle(std::size_t device, double now);
  /// Expects the next change of the device's mode, after its draw has changed.
  void draw_changed(std::size_t device);
  /// Takes energy at once.
  void take(std::size_t device, Joules energy) { devices_[device].taken += energy.si(); }

  void cores_busy(std::size_t device, std::ptrdiff_t change);
  void machine_down(std::size_t device) { set_up(device, false); }
  void machine_up(std::size_t device) { set_up(device, true); }
  /// Returns the factor of the service times that begin now.
  double slowdown(std::size_t device) const {
    return devices_[device].mode == kLow ? 1 / settings_.low_power->speed : 1;
  }
  bool is_empty(std::size_t device) const { return devices_[device].mode == kEmpty; }
  /// Returns what all devices took from their batteries until now, added to `others`.
  Joules taken(double now, Joules others = Joules(0));
  /// The same of one device.
  Joules taken_by(std::size_t device, double now) {
    settle(device, now);
    return Joules(devices_[device].taken);
  }
  /// Returns the time of the last change, which may come after the last request has ended.
  double latest() const { return latest_; }
  /// Returns the mean share of the capacity that is left.
  double mean_share() const;

  /// Counts until `end`, and returns the states of the machines, `pue` included. Throws
  /// std::logic_error unless the busy times agree with those of the tier.
  std::vector<EnergyState> close(double end, const TierUsage& usage);
  /// Returns the usage of the batteries. Throws std::logic_error unless they lost what `states`,
  /// those of the devices' machines and radios, took. REQUIRES: close() was called.
  BatteryUsage usage(const std::vector<EnergyState>& states) const;

 private:
  enum Mode : std::uint8_t { kNormal, kLow, kEmpty };
  struct Device {
    double taken = 0;            // Joules.
    double since = 0;            // The time up to which `taken` is counted.
    double alarm = kNever.si();  // The time of the valid event.
    std::uint32_t version = 0;   // Events of other versions are out of date.
    std::uint32_t busy = 0;      // Cores.
    Mode mode = kNormal;
    bool up = true;
  };
  /// Device-seconds, summed over devices; `busy` weighs them with the share of busy cores.
  struct ModeTime {
    double up = 0, busy = 0;
  };

  void handle(std::uint32_t version, std::uint32_t device, void* subject) override;
  void set_up(std::size_t device, bool up);
  double busy_share(const Device& device) const;
  Watts draw_of(const Device& device) const;
  double left_in(const Device& device) const;
  double left_in_mode(const Device& device) const;
  double time_left(std::size_t device) const;
  void cross(std::size_t device);

  const Tier& tier_;
  const std::size_t group_;
  const Battery& settings_;
  Radios* radios_;
  EventQueue& events_;
  Listener& listener_;
  std::vector<Device> devices_;
  ModeTime times_[2];  // In normal and in low-power mode.
  double down_ = 0;    // Device-seconds of outages, without empty batteries.
  double empty_ = 0;   // Device-seconds.
  double latest_ = 0;
  BatteryUsage usage_;
};

}  // namespace offcut::engine
