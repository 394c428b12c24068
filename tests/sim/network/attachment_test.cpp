#include "sim/network/attachment.h"

#include <doctest/doctest.h>

#include <set>
#include <utility>

namespace offcut::network {

TEST_CASE("attachment: from a device to its servers") {
  // 7 devices, 2 to an uplink; 6 edge servers at 3 sites, 3 devices each but for the last site,
  // which has 1; one cloud.
  const Attachment attachment({.devices = 7, .devices_per_uplink = 2}, {{6, 3}, {4, 1}});
  CHECK(attachment.devices() == 7);
  CHECK(attachment.links(0) == 7);
  CHECK(attachment.links(1) == 1);
  CHECK(attachment.link_of(0, 5) == 5);
  CHECK(attachment.link_of(1, 5) == 0);
  CHECK(attachment.uplinks() == 4);
  CHECK(attachment.uplink_of(6) == 3);
  CHECK(attachment.sites(1) == 3);
  CHECK(attachment.devices_per_site(1) == 3);
  CHECK(attachment.servers_per_site(1) == 2);
  CHECK(attachment.site_of(1, 2) == 0);
  CHECK(attachment.site_of(1, 3) == 1);
  CHECK(attachment.site_of(1, 6) == 2);
  CHECK(attachment.site_of_server(1, 3) == 1);
  CHECK(attachment.site_of(2, 6) == 0);
  CHECK(attachment.servers_per_site(2) == 4);
}

TEST_CASE(
    "attachment: a device is a site of its own on tier 0, and one link may be shared by all") {
  const Attachment attachment({.devices = 3, .shared = true}, {});
  CHECK(attachment.links(0) == 1);
  CHECK(attachment.link_of(0, 2) == 0);
  CHECK(attachment.uplinks() == 0);
  CHECK(attachment.sites(0) == 3);
  CHECK(attachment.site_of(0, 2) == 2);
  CHECK(attachment.site_of_server(0, 2) == 2);
  CHECK(attachment.servers_per_site(0) == 1);
}

TEST_CASE("attachment: an uplink is split if its devices are at two sites") {
  for (std::size_t devices = 1; devices <= 12; ++devices) {
    for (std::size_t sites = 1; sites <= devices; ++sites) {
      for (std::size_t shared_by = 1; shared_by <= 13; ++shared_by) {
        const Attachment attachment({.devices = devices, .devices_per_uplink = shared_by},
                                    {{sites, sites}});
        std::set<std::pair<std::size_t, std::size_t>> pairs;  // An uplink and a site.
        for (std::size_t device = 0; device < devices; ++device) {
          pairs.emplace(attachment.uplink_of(device), attachment.site_of(1, device));
        }
        CAPTURE(devices);
        CAPTURE(sites);
        CAPTURE(shared_by);
        CHECK(attachment.splits_uplink(1) == (pairs.size() > attachment.uplinks()));
      }
    }
  }
  CHECK(!Attachment({.devices = 4}, {{2, 2}}).splits_uplink(1));
  CHECK(!Attachment({.devices = 4, .devices_per_uplink = 3}, {{2, 2}}).splits_uplink(0));
}

}  // namespace offcut::network
