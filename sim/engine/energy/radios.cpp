// Each device's radio is in one state at a time. A change first counts the time since the last one,
// at the power of the state; tails run out without events, since their times are known when the
// radio is next used. The energy of a message's bytes does not depend on its rate (equation 1 of
// Huang et al. is linear in the throughput), so it is counted when the message ends.

#include "sim/engine/energy/radios.h"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

#include "sim/engine/energy/batteries.h"

namespace offcut::engine {

Radios::Radios(const cost::Radio& radio, std::size_t first, std::size_t devices, EventQueue& events,
               Listener& listener, const std::string& prefix)
    : radio_(radio), first_(first), events_(events), listener_(listener), devices_(devices) {
  const auto state = [&](const std::string& name, Watts power) {
    states_.push_back({.of_radio = true, .name = prefix + name, .time = {}, .energy = {}});
    power_.push_back(power);
  };
  state("idle", Watts(0));
  state("promotion", radio_.promotion.power);
  state("transfer", radio_.base);
  state("waiting", cost::waiting_power(radio_));
  for (const cost::RadioPhase& tail : radio_.tails) {
    state(fmt::format("tail {}", states_.size() - kFirstTail + 1), tail.power);
  }
  later_ = {.of_radio = true, .name = prefix + kTailAfterRun, .time = {}, .energy = {}};
}

bool Radios::promotes(Request* request) {
  Device& device = device_of(request);
  const double now = events_.now();
  const bool sleeps =
      device.rests() && (!device.has_tail || now - device.since >= cost::tail_time(radio_).si());
  if (!request->on_radio) {
    settle(device, now);
    ++device.waiting;
    request->on_radio = true;
  }
  device.promoting = sleeps && radio_.promotion.time > Seconds(0);
  draw_changed(device);
  if (!device.promoting) {
    return false;
  }
  request->record.radio_energy += radio_.promotion.energy();
  request->stalled += radio_.promotion.time;
  events_.schedule(now + radio_.promotion.time.si(), *this, 0, 0, request);
  return true;
}

void Radios::handle(std::uint32_t /*kind*/, std::uint32_t /*number*/, void* subject) {
  auto* request = static_cast<Request*>(subject);
  Device& device = device_of(request);
  settle(device, events_.now());
  device.promoting = false;
  ++device.waiting;  // It stays awake until the next message has left if this request gave up.
  listener_.promoted(request);
  --device.waiting;
  draw_changed(device);
}

void Radios::begins(Request* request) {
  Device& device = device_of(request);
  settle(device, events_.now());
  ++device.on_air;
  request->on_air = events_.now();
  draw_changed(device);
}

void Radios::stalls(Request* request) {
  if (request->off_air) {
    return;
  }
  Device& device = device_of(request);
  settle(device, events_.now());
  --device.on_air;
  request->off_air = true;
  request->record.radio_energy += radio_.base * Seconds(events_.now() - request->on_air);
  draw_changed(device);
}

void Radios::goes_on(Request* request) {
  if (!request->off_air) {
    return;
  }
  request->off_air = false;
  begins(request);
}

void Radios::ends(Request* request, Bytes crossed, double now) {
  Device& device = device_of(request);
  settle(device, now);
  device.on_air -= request->off_air ? 0 : 1;
  const Seconds time(request->off_air ? 0 : now - request->on_air);
  request->on_air = -1;
  request->off_air = false;
  const Joules energy = (request->up ? radio_.up : radio_.down) * crossed;
  bytes_energy_ += energy;
  total_ += energy;
  request->record.radio_energy += energy + radio_.base * time;
  if (batteries_ != nullptr) {
    batteries_->take(number_of(device), energy);
  }
  draw_changed(device);
}

void Radios::releases(Request* request) {
  Device& device = device_of(request);
  settle(device, events_.now());
  --device.waiting;
  request->on_radio = false;
  draw_changed(device);
}

void Radios::turn_off(std::size_t number) {
  settle(devices_[number], events_.now());
  devices_[number].off = true;
  devices_[number].has_tail = false;
}

/// Says that a settled device is in another state.
void Radios::draw_changed(const Device& device) {
  if (batteries_ != nullptr) {
    batteries_->draw_changed(number_of(device));
  }
}

Joules Radios::energy(std::size_t device, double from, double to) const {
  Joules sum;
  look_ahead(device, from, [&](Watts power, double time) {
    const double spent = std::min(time, to - from);
    sum += power * Seconds(spent);
    from += spent;
    return from < to;
  });
  return sum;
}

Joules Radios::taken(double now) const {
  Joules taken = total_;
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    taken += energy(i, devices_[i].since, now);
  }
  return taken;
}

void Radios::add(std::size_t state, double time) {
  states_[state].time += Seconds(time);
  total_ += power_[state] * Seconds(time);
}

/// Counts the time that the device spends in its present state until now.
void Radios::settle(Device& device, double now) {
  const double time = now - device.since;
  if (batteries_ != nullptr) {
    batteries_->settle(number_of(device), now);
  }
  device.since = now;
  if (device.rests()) {
    rest(device, time);
    return;
  }
  device.has_tail = true;
  add(device.state(), time);
}

/// Counts a rest: the tails one after the other, then the idle radio.
void Radios::rest(const Device& device, double time) {
  for (std::size_t i = 0; device.has_tail && i < radio_.tails.size(); ++i) {
    const double part = std::min(time, radio_.tails[i].time.si());
    add(kFirstTail + i, part);
    time -= part;
  }
  add(kIdle, time);
}

std::vector<EnergyState> Radios::close(double end, const HopUsage& hop) {
  for (Device& device : devices_) {
    double rested = end - device.since;
    for (std::size_t i = 0; device.rests() && device.has_tail && i < radio_.tails.size(); ++i) {
      const cost::RadioPhase& tail = radio_.tails[i];
      const Seconds left(tail.time.si() - std::min(rested, tail.time.si()));
      later_.time += left;
      later_.energy += left * tail.power;
      rested -= std::min(rested, tail.time.si());
    }
    settle(device, end);
  }
  for (std::size_t i = 0; i < states_.size(); ++i) {
    states_[i].energy = power_[i] * states_[i].time;
  }
  states_[kTransfer].energy += bytes_energy_;
  check(end, hop);
  std::vector<EnergyState> all = states_;
  all.push_back(later_);
  return all;
}

void Radios::check(double end, const HopUsage& hop) const {
  double time = 0;
  double energy = 0;
  for (const EnergyState& state : states_) {
    time += state.time.si();
    energy += state.energy.si();
  }
  const double whole = end * static_cast<double>(devices_.size());
  if (std::abs(time - whole) > kMostEnergyError * whole ||
      std::abs(energy - total_.si()) > kMostEnergyError * energy) {
    throw std::logic_error(
        fmt::format("the states of the radios take {:.17g} of {:.17g} s and {:.17g} of {:.17g} J",
                    time, whole, energy, total_.si()));
  }
  const auto bytes_of = [](Bytes carried, const Traffic& traffic) {
    return carried + traffic.in_part - traffic.update_bytes - traffic.update_part;
  };
  const Joules bytes = radio_.up * bytes_of(hop.up, hop.up_traffic) +
                       radio_.down * bytes_of(hop.down, hop.down_traffic);
  const Joules all = radio_.up * (hop.up + hop.up_traffic.in_part) +
                     radio_.down * (hop.down + hop.down_traffic.in_part);
  if (std::abs(bytes_energy_.si() - bytes.si()) > kMostEnergyError * all.si()) {
    throw std::logic_error(fmt::format("messages take {:.17g} J, and the bytes of {} {:.17g} J",
                                       bytes_energy_.si(), hop.name, bytes.si()));
  }
}

}  // namespace offcut::engine
