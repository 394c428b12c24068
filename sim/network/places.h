#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/network/attachment.h"

namespace offcut::network {

/// The places where devices are attached now. At the start of a run, every device is where its
/// Attachment puts it. A device that moves takes its access link along; its uplink and the site
/// that serves it on each tier are those of its new place. The engine asks for them whenever it
/// sends, dispatches, or lets a request wait, so a move holds for everything that begins after it.
class Places {
 public:
  explicit Places(const Attachment& start);

  /// Returns the arrangement at the start. Its numbers of links, sites and servers hold for the
  /// whole run, and the places that it gives to a device hold until the device moves.
  const Attachment& start() const { return start_; }

  std::size_t link_of(std::size_t hop, std::size_t device) const {
    return start_.link_of(hop, device);
  }
  /// REQUIRES: there are uplinks.
  std::size_t uplink_of(std::size_t device) const { return places_[(device + 1) * columns_ - 1]; }
  /// Returns the site of the tier that serves the device.
  std::size_t site_of(std::size_t tier, std::size_t device) const {
    return places_[device * columns_ + tier];
  }

  /// Attaches the device where `neighbour` is at the start: to its uplink, and to its site on every
  /// tier but the first. A place is named by a device because uplink and sites belong together
  /// (see rule 4 of Attachment): no other combination of them exists.
  ///
  /// The caller decides what becomes of messages under way on the old uplink, and of requests that
  /// wait for the old site. REQUIRES: the engine serves the device's hop by itself, since SimGrid's
  /// routes are fixed, and both devices are of one group.
  void move(std::size_t device, std::size_t neighbour);
  /// Attaches the device to a place of its group, where no device need be at the start (see rule 6
  /// of Attachment). REQUIRES: as above, and no tier splits the group's places.
  void move_to(std::size_t device, std::size_t place);

 private:
  Attachment start_;
  std::size_t columns_;
  /// A row for each device: its site on every tier, then its uplink (0 where there are none).
  std::vector<std::uint32_t> places_;
};

}  // namespace offcut::network
