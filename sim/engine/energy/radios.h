#pragma once

#include <cmath>
#include <vector>

#include "sim/engine/core/event_queue.h"
#include "sim/engine/core/request.h"

namespace offcut::engine {

class Batteries;

/// Sums over a run may differ by this part, which is far more than their rounding errors.
inline constexpr double kMostEnergyError = 1e-9;

/// The radios of a group of devices on their hop, as cost::Radio describes them. A radio that is
/// idle is promoted before a message leaves. It then stays awake until the answers to all messages
/// of its device are back, and passes through its tails. While the link serves a message to or from
/// the device, the radio is on the air; several messages at once take the constant power once. A
/// message that stalls is not on the air.
class Radios final : EventQueue::Handler {
 public:
  class Listener {
   public:
    /// The radio is awake, and the request's message can leave.
    virtual void promoted(Request* request) = 0;

   protected:
    ~Listener() = default;
  };

  /// Those of so many devices, from `first` on. They number their devices from 0. `prefix` begins
  /// the names of their states.
  Radios(const cost::Radio& radio, std::size_t first, std::size_t devices, EventQueue& events,
         Listener& listener, const std::string& prefix = "");

  /// Wakes the radio for a message that its device is about to send. Returns whether that takes
  /// time: promoted() follows.
  bool promotes(Request* request);
  /// Counts a message that is on the air from now on.
  void begins(Request* request);
  /// Counts a message that stalls, or goes on. It may not have stalled.
  void stalls(Request* request);
  void goes_on(Request* request);
  /// Counts a message of which so many bytes have crossed: its last bit has left, or it was lost,
  /// or the run ends.
  void ends(Request* request, Bytes crossed, double now);
  /// Says that the request needs the connection no longer.
  void releases(Request* request);

  /// Takes the energy from these batteries, too.
  void drain(Batteries& batteries) { batteries_ = &batteries; }
  /// Turns the radio of a device off for good.
  void turn_off(std::size_t device);
  /// Calls `visit` with the power draw and the seconds of each state that the device's radio passes
  /// through after `from` if nothing is sent, without the bytes of messages, until `visit` returns
  /// false. The last one never ends. REQUIRES: `from` is not before the last change.
  template <class Visit>
  void look_ahead(std::size_t device, double from, Visit visit) const;
  /// Returns the energy from `from` to `to`, without the bytes of messages. REQUIRES: as above, and
  /// nothing changed in between.
  Joules energy(std::size_t device, double from, double to) const;
  /// Returns the energy of all devices until now, without the bytes of messages that are on the
  /// air.
  Joules taken(double now) const;
  /// Returns the time and energy of all states until `end`. Throws std::logic_error unless times
  /// add up to the devices' time, joules to power times time, and the energy of messages to that of
  /// the bytes that crossed the hop.
  std::vector<EnergyState> close(double end, const HopUsage& hop);

 private:
  enum State : std::size_t { kIdle, kPromotion, kTransfer, kWaiting, kFirstTail };
  struct Device {
    double since = 0;           // When its present state began.
    std::uint32_t on_air = 0;   // Messages.
    std::uint32_t waiting = 0;  // Requests that need the connection.
    bool promoting = false;
    bool has_tail = false;  // It was awake before it rested.
    bool off = false;       // For good.

    bool rests() const { return off || (!promoting && on_air == 0 && waiting == 0); }
    State state() const { return promoting ? kPromotion : on_air > 0 ? kTransfer : kWaiting; }
  };

  void handle(std::uint32_t kind, std::uint32_t number, void* subject) override;
  Device& device_of(const Request* request) { return devices_[request->record.device - first_]; }
  std::size_t number_of(const Device& device) const {
    return static_cast<std::size_t>(&device - devices_.data());
  }
  void settle(Device& device, double now);
  void draw_changed(const Device& device);
  void rest(const Device& device, double time);
  void add(std::size_t state, double time);
  void check(double end, const HopUsage& hop) const;

  const cost::Radio radio_;
  const std::size_t first_;
  EventQueue& events_;
  Listener& listener_;
  Batteries* batteries_ = nullptr;  // Null if nothing of them is to be known.
  std::vector<Device> devices_;
  std::vector<EnergyState> states_;  // By State.
  std::vector<Watts> power_;         // By State, without the bytes of transfers.
  Joules bytes_energy_;
  Joules total_;       // Added up over time.
  EnergyState later_;  // The tails that outlast the run.
};

template <class Visit>
void Radios::look_ahead(std::size_t number, double from, Visit visit) const {
  const Device& device = devices_[number];
  double rested = from - device.since;
  bool goes_on = device.rests() || visit(power_[device.state()], kNever.si());
  for (std::size_t i = 0; goes_on && device.rests() && device.has_tail && i < radio_.tails.size();
       ++i) {
    const double left = radio_.tails[i].time.si() - rested;
    rested = std::max(-left, 0.0);
    goes_on = left <= 0 || visit(radio_.tails[i].power, left);
  }
  if (goes_on && device.rests()) {
    visit(Watts(0), kNever.si());
  }
}

}  // namespace offcut::engine
