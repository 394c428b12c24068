#include "sim/network/attachment.h"

#include <utility>

namespace offcut::network {
namespace {

std::size_t rounded_up(std::size_t count, std::size_t parts) { return (count + parts - 1) / parts; }

}  // namespace

Attachment::Attachment(Access access, const std::vector<Machines>& later)
    : access_(std::move(access)) {
  tiers_.push_back({.count = access_.devices, .devices_per_site = 1, .servers_per_site = 1});
  for (const Machines& tier : later) {
    tiers_.push_back({.count = tier.sites,
                      .devices_per_site = rounded_up(access_.devices, tier.sites),
                      .servers_per_site = tier.servers / tier.sites});
  }
}

std::size_t Attachment::uplinks() const {
  return access_.devices_per_uplink ? rounded_up(access_.devices, *access_.devices_per_uplink) : 0;
}

/// Sites begin at multiples of their size, and so do uplinks: if the second site does not begin
/// where an uplink does, that uplink is split; if it does, so do all other sites.
bool Attachment::splits_uplink(std::size_t tier) const {
  const std::size_t second_site = tiers_[tier].devices_per_site;
  return tier > 0 && access_.devices_per_uplink && second_site < access_.devices &&
         second_site % *access_.devices_per_uplink != 0;
}

}  // namespace offcut::network
