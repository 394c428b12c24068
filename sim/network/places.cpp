#include "sim/network/places.h"

namespace offcut::network {

Places::Places(const Attachment& start) : start_(start), columns_(start.tiers() + 1) {
  places_.reserve(start.devices() * columns_);
  for (std::size_t device = 0; device < start.devices(); ++device) {
    for (std::size_t tier = 0; tier < start.tiers(); ++tier) {
      places_.push_back(static_cast<std::uint32_t>(start.site_of(tier, device)));
    }
    const bool has_uplink = start.uplinks(start.group_of(device)) > 0;
    const std::size_t uplink = has_uplink ? start.uplink_of(device) : 0;
    places_.push_back(static_cast<std::uint32_t>(uplink));
  }
}

void Places::move(std::size_t device, std::size_t neighbour) {
  for (std::size_t tier = start_.groups(); tier < start_.tiers(); ++tier) {
    places_[device * columns_ + tier] = static_cast<std::uint32_t>(start_.site_of(tier, neighbour));
  }
  if (start_.uplinks(start_.group_of(neighbour)) > 0) {
    places_[(device + 1) * columns_ - 1] = static_cast<std::uint32_t>(start_.uplink_of(neighbour));
  }
}

void Places::move_to(std::size_t device, std::size_t place) {
  const std::size_t group = start_.group_of(device);
  for (std::size_t tier = start_.groups(); tier < start_.tiers(); ++tier) {
    places_[device * columns_ + tier] =
        static_cast<std::uint32_t>(start_.site_at(tier, group, place));
  }
  if (start_.uplinks(group) > 0) {
    places_[(device + 1) * columns_ - 1] = static_cast<std::uint32_t>(place);
  }
}

}  // namespace offcut::network
