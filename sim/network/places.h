#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/network/attachment.h"

namespace offcut::network {

/// Where each device is attached now. At the start of a run, every device is where its Attachment
/// puts it. A device that moves takes its access link along; its uplink and the site that serves it
/// on each tier are those of its new place. The engine asks for them whenever it sends, dispatches,
/// or lets a request wait, so a move holds for everything that begins after it.
class Places {
 public:
  explicit Places(const Attachment& start);

  /// The arrangement at the start. What it says of links, sites and servers holds for the whole
  /// run; what it says of a device holds until the device moves.
  const Attachment& start() const { return start_; }

  std::size_t link_of(std::size_t hop, std::size_t device) const {
    return start_.link_of(hop, device);
  }
  /// REQUIRES: there are uplinks.
  std::size_t uplink_of(std::size_t device) const { return places_[(device + 1) * columns_ - 1]; }
  /// The site of the tier that serves the device.
  std::size_t site_of(std::size_t tier, std::size_t device) const {
    return places_[device * columns_ + tier];
  }

  /// Attaches the device where `neighbor` is at the start: to its uplink, and to its site on every
  /// tier but the first. A place is named by a device because uplink and sites belong together
  /// (see rule 4 of Attachment): no other combination of them exists.
  ///
  /// Messages under way on the uplink that the device leaves are the caller's responsibility, as
  /// are requests that wait for the site to come up. REQUIRES: no link of the hop is SimGrid's,
  /// whose routes are fixed.
  void move(std::size_t device, std::size_t neighbor);

 private:
  Attachment start_;
  std::size_t columns_;
  /// A row for each device: its site on every tier, then its uplink (0 where there are none).
  std::vector<std::uint32_t> places_;
};

}  // namespace offcut::network
