#pragma once

#include <utility>
#include <vector>

#include "sim/engine/core/legs.h"
#include "sim/engine/core/request.h"

namespace offcut::engine {

/// The interfaces of the devices: one for each hop that leaves a device. Messages over an interface
/// are sent one after another.
class Interfaces {
 public:
  struct Line {
    bool sending = false;
    RequestList to_send;
  };

  /// The legs must outlive it. With several groups of devices, each device has one interface.
  Interfaces(const Legs& legs, std::size_t groups, std::size_t devices)
      : legs_(legs),
        devices_(devices),
        of_each_(groups > 1 ? 1 : legs.hops_from_device().size()),
        lines_(devices * of_each_) {}

  bool leaves_device(const Request* request) const {
    return request->up && legs_.leaves_device(request->stage);
  }
  /// Returns the line of the request's message. REQUIRES: it leaves the device.
  Line& line_of(const Request* request) {
    const std::size_t interface = of_each_ > 1 ? legs_.interface(request->stage) : 0;
    return lines_[interface * devices_ + request->record.device];
  }
  Line* line_if_any(const Request* request) {
    return leaves_device(request) ? &line_of(request) : nullptr;
  }
  /// Takes the messages out of all lines of a device.
  std::vector<RequestList> clear(std::size_t device) {
    std::vector<RequestList> taken;
    for (std::size_t i = device; i < lines_.size(); i += devices_) {
      taken.push_back(std::exchange(lines_[i].to_send, {}));
    }
    return taken;
  }

 private:
  const Legs& legs_;
  std::size_t devices_;
  std::size_t of_each_;
  std::vector<Line> lines_;  // By interface and device.
};

}  // namespace offcut::engine
