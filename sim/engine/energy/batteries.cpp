// Each change of a device's draw first takes the energy since the last one from its battery. The
// draw until the next change is known beforehand, tails of the radio included, and so is the time
// at which the battery would reach its next mode. The event at that time is set anew only if it
// comes earlier than the one that is set; an event that comes too early sets the next one.

#include "sim/engine/energy/batteries.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "sim/engine/core/laws.h"

namespace offcut::engine {

Batteries::Batteries(const Tier& devices, std::size_t group, Radios* radios, EventQueue& events,
                     Listener& listener)
    : tier_(devices),
      group_(group),
      settings_(*devices.battery),
      radios_(radios),
      events_(events),
      listener_(listener),
      devices_(devices.servers) {
  const bool is_low = settings_.low_power && settings_.charge <= settings_.low_power->below;
  for (Device& device : devices_) {
    device.mode = is_low ? kLow : kNormal;
  }
  usage_.low = is_low ? static_cast<std::int64_t>(devices_.size()) : 0;
  if (radios_ != nullptr) {
    radios_->drain(*this);
  }
}

void Batteries::start() {
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    draw_changed(i);
  }
}

double Batteries::busy_share(const Device& device) const {
  return static_cast<double>(device.busy) / static_cast<double>(tier_.cores);
}

/// Returns the power draw of the machine.
Watts Batteries::draw_of(const Device& device) const {
  if (!device.up || device.mode == kEmpty) {
    return Watts(0);
  }
  const Watts idle = *tier_.power.idle;
  const Watts draw = idle + (*tier_.power.busy - idle) * busy_share(device);
  return tier_.power.pue * (device.mode == kLow ? settings_.low_power->power : 1) * draw;
}

void Batteries::settle(std::size_t number, double now) {
  Device& device = devices_[number];
  const double time = now - device.since;
  if (device.mode == kEmpty) {
    empty_ += time;
  } else {
    device.taken += (draw_of(device) * Seconds(time)).si();
    device.taken += radios_ != nullptr ? radios_->energy(number, device.since, now).si() : 0;
    if (device.up) {
      times_[device.mode].up += time;
      times_[device.mode].busy += time * busy_share(device);
    } else {
      down_ += time;
    }
  }
  device.since = now;
  latest_ = std::max(latest_, now);
}

/// Returns the joules in the battery.
double Batteries::left_in(const Device& device) const {
  const double left = settings_.capacity.si() * settings_.charge - device.taken;
  return device.mode == kEmpty ? 0 : std::max(left, 0.0);
}

/// Returns the joules until the device's next mode begins.
double Batteries::left_in_mode(const Device& device) const {
  const double kept = device.mode == kNormal && settings_.low_power
                          ? settings_.capacity.si() * settings_.low_power->below
                          : 0;
  return std::max(left_in(device) - kept, 0.0);
}

/// Returns the seconds until the next mode begins, if no draw changes before.
double Batteries::time_left(std::size_t number) const {
  const Device& device = devices_[number];
  const Watts machine = draw_of(device);
  double left = left_in_mode(device);
  double time = 0;
  const auto pass = [&](Watts radio, double duration) {
    const double draw = (machine + radio).si();
    const double taken = draw > 0 ? draw * duration : 0;
    const bool is_last = left <= taken || duration == kNever.si();
    time += is_last ? (draw > 0 ? left / draw : kNever.si()) : duration;
    left -= taken;
    return !is_last;
  };
  if (left > 0 && radios_ != nullptr) {
    radios_->look_ahead(number, device.since, pass);
  } else if (left > 0) {
    pass(Watts(0), kNever.si());
  }
  return time;
}

void Batteries::draw_changed(std::size_t number) {
  Device& device = devices_[number];
  if (device.mode == kEmpty) {
    return;
  }
  const double time = device.since + time_left(number);
  if (time < device.alarm) {
    device.alarm = time;
    events_.schedule_in_background(time, *this, ++device.version,
                                   static_cast<std::uint32_t>(number));
  }
}

void Batteries::handle(std::uint32_t version, std::uint32_t number, void* /*subject*/) {
  // The time until a mode begins has the rounding errors of the time of the event.
  constexpr double kRounding = 1e-12;
  Device& device = devices_[number];
  if (version != device.version) {
    return;
  }
  device.alarm = kNever.si();
  settle(number, events_.now());
  if (time_left(number) <= kRounding * std::max(events_.now(), 1.0)) {
    cross(number);
  }
  draw_changed(number);
}

/// Begins the next mode.
void Batteries::cross(std::size_t number) {
  Device& device = devices_[number];
  if (device.mode == kNormal && settings_.low_power) {
    device.mode = kLow;
    ++usage_.low;
    listener_.battery_low(group_, number);
    return;
  }
  device.mode = kEmpty;
  usage_.first_empty = usage_.empty++ == 0 ? Seconds(events_.now()) : usage_.first_empty;
  listener_.battery_empty(group_, number);
  if (radios_ != nullptr) {
    radios_->turn_off(number);
  }
}

void Batteries::cores_busy(std::size_t number, std::ptrdiff_t change) {
  settle(number, events_.now());
  devices_[number].busy += static_cast<std::uint32_t>(change);
  draw_changed(number);
}

void Batteries::set_up(std::size_t number, bool up) {
  settle(number, events_.now());
  devices_[number].up = up;
  draw_changed(number);
}

Joules Batteries::taken(double now, Joules others) {
  double taken = others.si();
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    settle(i, now);
    taken += devices_[i].taken;
  }
  return Joules(taken);
}

double Batteries::mean_share() const {
  double left = 0;
  for (const Device& device : devices_) {
    left += left_in(device);
  }
  return left / (settings_.capacity.si() * static_cast<double>(devices_.size()));
}

std::vector<EnergyState> Batteries::close(double end, const TierUsage& usage) {
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    settle(i, end);
  }
  const double cores = static_cast<double>(tier_.cores);
  check_law(usage.name, "the sum of the modes of batteries",
            (times_[kNormal].busy + times_[kLow].busy) * cores, usage.busy.si(), end);
  std::vector<EnergyState> states;
  const auto add = [&](std::string name, double time, Watts power) {
    const Seconds spent(std::max(time, 0.0));
    states.push_back({.tier = group_,
                      .name = std::move(name),
                      .time = spent,
                      .energy = tier_.power.pue * (power * spent)});
  };
  const auto add_mode = [&](const ModeTime& time, const std::string& suffix, double factor) {
    add("busy" + suffix, time.busy, factor * *tier_.power.busy);
    add("idle" + suffix, time.up - time.busy, factor * *tier_.power.idle);
  };
  add_mode(times_[kNormal], "", 1);
  add("down", down_, Watts(0));
  if (settings_.low_power) {
    add_mode(times_[kLow], kInLowPower, settings_.low_power->power);
  }
  add(kBatteryEmpty, empty_, Watts(0));
  return states;
}

BatteryUsage Batteries::usage(const std::vector<EnergyState>& states) const {
  double taken = 0;
  for (const EnergyState& state : states) {
    taken += state.name.ends_with(kTailAfterRun) ? 0 : state.energy.si();
  }
  double lost = 0;
  for (const Device& device : devices_) {
    lost += device.taken;
  }
  if (std::abs(lost - taken) > kMostEnergyError * taken) {
    throw std::logic_error(fmt::format(
        "the batteries of {} lost {:.17g} J, its states took {:.17g} J", tier_.name, lost, taken));
  }
  BatteryUsage usage = usage_;
  usage.left = mean_share();
  return usage;
}

}  // namespace offcut::engine
