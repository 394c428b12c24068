#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace offcut::network {

/// The attachment of devices to the network, and to the servers that they use, when a run starts.
/// This class alone knows the path device -> access link -> uplink -> site -> servers; Places says
/// where a device is during the run. All numbers count from 0, in order.
///
/// 1. A device has its own access link on hop 0, unless all devices share one, and maybe on direct
///    hops that leave the devices. Each other hop is a single link that all traffic shares.
/// 2. After their access links, devices may share uplinks, a fixed number of devices each. The last
///    uplink may have fewer.
/// 3. The machines of a later tier are spread evenly over its sites, unless their number at each
///    site is given. Each site serves the same number of devices, rounded up, so the last sites may
///    serve fewer, or none. On tier 0, each device is a site with one machine: itself.
/// 4. Devices that share an uplink are at one place, so the uplink leads to one site of each tier;
///    splits_uplink() tells where that is violated. The sites of two tiers are independent, since
///    one link connects all machines of a tier with all of the next.
/// 5. With several groups of devices, group g is tier g, its access is hop g, and both number its
///    devices, links and uplinks from 0; devices as such are numbered group by group. Each group is
///    spread over the sites by itself.
/// 6. The places of a group are those at which one of its devices may be: its uplinks, or, without
///    any, the sites of the first tier that has the most. There may be more places than devices.
class Attachment {
 public:
  struct Access {
    std::size_t devices = 1;
    bool shared = false;                            // One link for all of them.
    std::optional<std::size_t> devices_per_uplink;  // None: there are no uplinks.
    /// None: as many uplinks as the devices need. REQUIRES: at least as many as these.
    std::optional<std::size_t> uplinks = {};
    /// The direct hops, which follow the others: whether each device has its own link there.
    std::vector<bool> direct = {};
  };
  struct Machines {
    std::size_t servers = 1;
    std::size_t sites = 1;
    std::vector<std::size_t> at_site = {};  // Servers by site. Empty: equal numbers.
  };

  /// `later` holds the tiers after the devices. REQUIRES: all numbers are at least 1, and each site
  /// of a tier has as many servers as the others, unless their numbers are given, which add up to
  /// `servers`.
  Attachment(Access access, const std::vector<Machines>& later)
      : Attachment(std::vector<Access>{access}, later) {}
  /// The same with groups of devices. REQUIRES: there is at least one.
  Attachment(std::vector<Access> groups, const std::vector<Machines>& later);

  std::size_t devices() const { return firsts_.back(); }
  std::size_t tiers() const { return tiers_.size(); }
  std::size_t groups() const { return access_.size(); }
  /// Returns the group of a device.
  std::size_t group_of(std::size_t device) const {
    std::size_t group = 0;
    while (device >= firsts_[group + 1]) {
      ++group;
    }
    return group;
  }
  /// Returns the first device of a group.
  std::size_t first_device(std::size_t group) const { return firsts_[group]; }

  /// Returns the number of pairs of links of a hop, without uplinks.
  std::size_t links(std::size_t hop) const {
    return has_own_links(hop) ? access_[hop < groups() ? hop : 0].devices : 1;
  }
  /// REQUIRES: the device's group uses the hop, as for uplink_of() and site_of().
  std::size_t link_of(std::size_t hop, std::size_t device) const {
    return (device - links_[hop].first) * links_[hop].step;
  }

  std::size_t uplinks(std::size_t group = 0) const;  // 0 if there are none.
  /// REQUIRES: the device's group has uplinks.
  std::size_t uplink_of(std::size_t device) const {
    const std::size_t group = group_of(device);
    return (device - firsts_[group]) / *access_[group].devices_per_uplink;
  }

  std::size_t sites(std::size_t tier) const { return tiers_[tier].count; }
  /// Returns the devices of a group that a site of a later tier serves.
  std::size_t devices_per_site(std::size_t tier, std::size_t group = 0) const;
  /// Returns the servers of a site, and the number of the first one.
  std::size_t servers_at(std::size_t tier, std::size_t site) const {
    return first_server(tier, site + 1) - first_server(tier, site);
  }
  std::size_t first_server(std::size_t tier, std::size_t site) const {
    const Sites& sites = tiers_[tier];
    return sites.firsts.empty() ? site * sites.servers_per_site : sites.firsts[site];
  }
  /// Returns the servers of each site. REQUIRES: all have equal numbers.
  std::size_t servers_per_site(std::size_t tier) const { return tiers_[tier].servers_per_site; }
  /// Returns whether sites have unlike numbers of servers.
  bool has_unlike_sites(std::size_t tier) const { return !tiers_[tier].firsts.empty(); }
  /// Returns the site that serves the device.
  std::size_t site_of(std::size_t tier, std::size_t device) const;
  std::size_t site_of_server(std::size_t tier, std::size_t server) const;

  /// Returns whether an uplink of the group leads to several sites of the tier, which violates
  /// rule 4.
  bool splits_uplink(std::size_t tier, std::size_t group = 0) const;

  /// Returns the number of places of a group, and that of the place at which a device starts.
  std::size_t places(std::size_t group) const;
  std::size_t place_of(std::size_t device) const;
  /// Returns the tier whose sites are the places of groups without uplinks. REQUIRES: there is a
  /// later tier.
  std::size_t tier_of_places() const;
  /// Returns the site of a later tier that serves the devices of a group at one of its places.
  std::size_t site_at(std::size_t tier, std::size_t group, std::size_t place) const;
  /// Returns whether devices at one place may have unlike sites of the tier, so that no place has a
  /// site there.
  bool splits_place(std::size_t tier, std::size_t group) const;

 private:
  struct Sites {
    std::size_t count, servers_per_site;
    std::vector<std::size_t> firsts = {};  // The first server of each site, and their number.
  };

  std::size_t devices_per_place(std::size_t group) const;
  bool has_own_links(std::size_t hop) const { return hop < links_.size() && links_[hop].step > 0; }

  /// The numbers of a hop's links: that of a device is its own, from the first one of its group on,
  /// times the step, which is 0 for one link that all share.
  struct Links {
    std::size_t first, step;
  };

  std::vector<Access> access_;       // By group.
  std::vector<std::size_t> firsts_;  // The first device of each group, and the number of devices.
  std::vector<Sites> tiers_;
  std::vector<Links> links_;  // By hop.
};

}  // namespace offcut::network
