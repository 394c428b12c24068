#include "sim/network/attachment.h"

#include <doctest/doctest.h>

#include <set>
#include <utility>
#include <vector>

namespace offcut::network::attachment_test {

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
  CHECK(!Attachment(Attachment::Access{.devices = 4}, {{2, 2}}).splits_uplink(1));
  CHECK(!Attachment({.devices = 4, .devices_per_uplink = 3}, {{2, 2}}).splits_uplink(0));
}

TEST_CASE("attachment: each group of devices has its own links, and is spread over all sites") {
  // 5 devices with uplinks of 2, and 3 that share a link; 2 sites with 1 and 3 servers.
  const Attachment attachment(
      std::vector<Attachment::Access>{{.devices = 5, .devices_per_uplink = 2},
                                      {.devices = 3, .shared = true}},
      {{.servers = 4, .sites = 2, .at_site = {1, 3}}});
  CHECK(attachment.devices() == 8);
  CHECK(attachment.group_of(4) == 0);
  CHECK(attachment.group_of(5) == 1);
  CHECK(attachment.first_device(1) == 5);
  CHECK(attachment.links(0) == 5);
  CHECK(attachment.links(1) == 1);
  CHECK(attachment.link_of(0, 4) == 4);
  CHECK(attachment.link_of(1, 7) == 0);
  CHECK(attachment.uplinks(0) == 3);
  CHECK(attachment.uplinks(1) == 0);
  CHECK(attachment.uplink_of(4) == 2);
  CHECK(attachment.site_of(0, 4) == 4);
  CHECK(attachment.site_of(1, 7) == 2);
  CHECK(attachment.site_of(2, 2) == 0);
  CHECK(attachment.site_of(2, 3) == 1);
  CHECK(attachment.site_of(2, 6) == 0);
  CHECK(attachment.site_of(2, 7) == 1);
  CHECK(attachment.servers_at(2, 0) == 1);
  CHECK(attachment.servers_at(2, 1) == 3);
  CHECK(attachment.first_server(2, 1) == 1);
  CHECK(attachment.site_of_server(2, 0) == 0);
  CHECK(attachment.site_of_server(2, 3) == 1);
  CHECK(attachment.splits_uplink(2, 0));  // Three devices of the group belong to the first site.
  CHECK(!attachment.splits_uplink(2, 1));
}

}  // namespace offcut::network::attachment_test
