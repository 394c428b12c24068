#include "sim/network/attachment.h"

#include <algorithm>

namespace offcut::network {
namespace {

std::size_t rounded_up(std::size_t count, std::size_t parts) { return (count + parts - 1) / parts; }

}  // namespace

Attachment::Attachment(std::vector<Access> groups, const std::vector<Machines>& later)
    : access_(std::move(groups)), firsts_{0} {
  for (const Access& access : access_) {
    links_.push_back({firsts_.back(), access.shared ? std::size_t{0} : 1});
    firsts_.push_back(firsts_.back() + access.devices);
    tiers_.push_back({.count = access.devices, .servers_per_site = 1});
  }
  if (!later.empty()) {
    links_.resize(access_.size() + later.size() - 1, {0, 0});
  }
  for (const bool has_own_links : access_.front().direct) {
    links_.push_back({0, has_own_links ? std::size_t{1} : 0});
  }
  for (const Machines& tier : later) {
    Sites& sites = tiers_.emplace_back(
        Sites{.count = tier.sites, .servers_per_site = tier.servers / tier.sites});
    if (std::any_of(tier.at_site.begin(), tier.at_site.end(),
                    [&](std::size_t servers) { return servers != sites.servers_per_site; })) {
      sites.firsts = {0};
      for (const std::size_t servers : tier.at_site) {
        sites.firsts.push_back(sites.firsts.back() + servers);
      }
    }
  }
}

std::size_t Attachment::uplinks(std::size_t group) const {
  const Access& access = access_[group];
  if (!access.devices_per_uplink) {
    return 0;
  }
  return access.uplinks.value_or(rounded_up(access.devices, *access.devices_per_uplink));
}

std::size_t Attachment::devices_per_site(std::size_t tier, std::size_t group) const {
  return tier < groups() ? 1 : rounded_up(access_[group].devices, tiers_[tier].count);
}

std::size_t Attachment::site_of(std::size_t tier, std::size_t device) const {
  const std::size_t group = group_of(device);
  return (device - firsts_[group]) / devices_per_site(tier, group);
}

std::size_t Attachment::site_of_server(std::size_t tier, std::size_t server) const {
  const Sites& sites = tiers_[tier];
  if (sites.firsts.empty()) {
    return server / sites.servers_per_site;
  }
  const auto next = std::upper_bound(sites.firsts.begin(), sites.firsts.end(), server);
  return static_cast<std::size_t>(next - sites.firsts.begin()) - 1;
}

/// Sites begin at multiples of their size, and so do uplinks: if the second site does not begin
/// where an uplink does, that uplink is split; if it does, so do all other sites.
bool Attachment::splits_uplink(std::size_t tier, std::size_t group) const {
  const Access& access = access_[group];
  const std::size_t second_site = devices_per_site(tier, group);
  return tier >= groups() && access.devices_per_uplink && second_site < access.devices &&
         second_site % *access.devices_per_uplink != 0;
}

std::size_t Attachment::tier_of_places() const {
  std::size_t tier = groups();
  for (std::size_t other = tier + 1; other < tiers_.size(); ++other) {
    tier = tiers_[other].count > tiers_[tier].count ? other : tier;
  }
  return tier;
}

std::size_t Attachment::devices_per_place(std::size_t group) const {
  return access_[group].devices_per_uplink.value_or(devices_per_site(tier_of_places(), group));
}

std::size_t Attachment::places(std::size_t group) const {
  if (tiers_.size() <= groups()) {
    return 1;
  }
  return access_[group].devices_per_uplink ? uplinks(group) : tiers_[tier_of_places()].count;
}

std::size_t Attachment::place_of(std::size_t device) const {
  const std::size_t group = group_of(device);
  return places(group) == 1 ? 0 : (device - firsts_[group]) / devices_per_place(group);
}

/// The site of the first device that a place has at the start, or would have if there were more.
std::size_t Attachment::site_at(std::size_t tier, std::size_t group, std::size_t place) const {
  const std::size_t first = place * devices_per_place(group);
  return std::min(first / devices_per_site(tier, group), tiers_[tier].count - 1);
}

bool Attachment::splits_place(std::size_t tier, std::size_t group) const {
  return devices_per_site(tier, group) % devices_per_place(group) != 0 && tiers_[tier].count > 1;
}

}  // namespace offcut::network
