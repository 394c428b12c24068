#pragma once

#include <vector>

#include "sim/engine/core/event_queue.h"
#include "sim/engine/core/request.h"

namespace offcut::engine {

/// The radios of the devices on the first hop, as cost::Radio describes them. A radio that is idle
/// is promoted before a message leaves. It then stays awake until the answers to all messages of
/// its device are back, and passes through its tails. While the link serves a message to or from
/// the device, the radio is on the air; several messages at once take the constant power once.
class Radios final : EventQueue::Handler {
 public:
  class Listener {
   public:
    /// The radio is awake, and the request's message can leave.
    virtual void promoted(Request* request) = 0;

   protected:
    ~Listener() = default;
  };

  /// REQUIRES: the hop has a radio.
  Radios(const Link& hop, std::size_t devices, EventQueue& events, Listener& listener);

  /// Wakes the radio for a message that its device is about to send. Returns whether that takes
  /// time: promoted() follows.
  bool promotes(Request* request);
  /// Counts a message that is on the air from now on.
  void begins(Request* request);
  /// Counts a message of which so many bytes have crossed: its last bit has left, or it was lost,
  /// or the run ends.
  void ends(Request* request, Bytes crossed, double now);
  /// Says that the request needs the connection no longer.
  void releases(Request* request);
  /// Returns the time and energy of all states until `end`. Throws std::logic_error unless times
  /// add up to the devices' time, joules to power times time, and the energy of messages to that of
  /// the bytes that crossed the hop.
  std::vector<EnergyState> close(double end, const HopUsage& hop);

 private:
  struct Device {
    double since = 0;           // When its present state began.
    std::uint32_t on_air = 0;   // Messages.
    std::uint32_t waiting = 0;  // Requests that need the connection.
    bool promoting = false;
    bool has_tail = false;  // It was awake before it rested.

    bool rests() const { return !promoting && on_air == 0 && waiting == 0; }
  };
  enum State : std::size_t { kIdle, kPromotion, kTransfer, kWaiting, kFirstTail };

  void handle(std::uint32_t kind, std::uint32_t number, void* subject) override;
  Device& device_of(const Request* request) { return devices_[request->record.device]; }
  void settle(Device& device, double now);
  void rest(const Device& device, double time);
  void add(std::size_t state, double time);
  void check(double end, const HopUsage& hop) const;

  const cost::Radio radio_;
  EventQueue& events_;
  Listener& listener_;
  std::vector<Device> devices_;
  std::vector<EnergyState> states_;  // By State.
  std::vector<Watts> power_;         // By State, without the bytes of transfers.
  Joules bytes_energy_;
  Joules total_;       // Added up over time.
  EnergyState later_;  // The tails that outlast the run.
};

}  // namespace offcut::engine
