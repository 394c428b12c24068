#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

namespace offcut::network {

/// The attachment of devices to the network, and to the servers that they use, when a run starts.
/// This class alone knows the path device -> access link -> uplink -> site -> servers; Places says
/// where a device is during the run. All numbers count from 0, in order.
///
/// 1. A device has its own access link on hop 0, unless all devices share one, and on direct hops
///    that leave the devices. Each other hop is a single link that all traffic shares.
/// 2. After their access links, devices may share uplinks, a fixed number of devices each. The last
///    uplink may have fewer.
/// 3. The machines of a later tier are spread evenly over its sites. Each site serves the same
///    number of devices, rounded up, so the last sites may serve fewer, or none. On tier 0, each
///    device is a site with one machine: itself.
/// 4. Devices that share an uplink are at one place, so the uplink leads to one site of each tier;
///    splits_uplink() tells where that is violated. The sites of two tiers are independent, since
///    one link connects all machines of a tier with all of the next.
class Attachment {
 public:
  struct Access {
    std::size_t devices = 1;
    bool shared = false;                            // One link for all of them.
    std::optional<std::size_t> devices_per_uplink;  // None: there are no uplinks.
    std::vector<std::size_t> direct = {};  // Further hops on which each device has its own link.
  };
  struct Machines {
    std::size_t servers = 1;
    std::size_t sites = 1;
  };

  /// `later` holds tiers 1, 2, ... REQUIRES: all numbers are at least 1, and each site of a tier
  /// has as many servers as the others.
  Attachment(Access access, const std::vector<Machines>& later);

  std::size_t devices() const { return access_.devices; }
  std::size_t tiers() const { return tiers_.size(); }

  /// Returns the number of pairs of links of a hop, without uplinks.
  std::size_t links(std::size_t hop) const { return has_own_links(hop) ? access_.devices : 1; }
  std::size_t link_of(std::size_t hop, std::size_t device) const {
    return has_own_links(hop) ? device : 0;
  }

  std::size_t uplinks() const;  // 0 if there are none.
  /// REQUIRES: there are uplinks.
  std::size_t uplink_of(std::size_t device) const { return device / *access_.devices_per_uplink; }

  std::size_t sites(std::size_t tier) const { return tiers_[tier].count; }
  std::size_t devices_per_site(std::size_t tier) const { return tiers_[tier].devices_per_site; }
  std::size_t servers_per_site(std::size_t tier) const { return tiers_[tier].servers_per_site; }
  /// Returns the site that serves the device. Its servers begin at site * servers_per_site().
  std::size_t site_of(std::size_t tier, std::size_t device) const {
    return device / tiers_[tier].devices_per_site;
  }
  std::size_t site_of_server(std::size_t tier, std::size_t server) const {
    return server / tiers_[tier].servers_per_site;
  }

  /// Returns whether an uplink leads to several sites of the tier, which violates rule 4.
  bool splits_uplink(std::size_t tier) const;

 private:
  struct Sites {
    std::size_t count, devices_per_site, servers_per_site;
  };

  bool has_own_links(std::size_t hop) const {
    return hop == 0
               ? !access_.shared
               : !access_.direct.empty() && std::find(access_.direct.begin(), access_.direct.end(),
                                                      hop) != access_.direct.end();
  }

  Access access_;
  std::vector<Sites> tiers_;
};

}  // namespace offcut::network
