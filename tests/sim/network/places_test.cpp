#include "sim/network/places.h"

#include <doctest/doctest.h>

namespace offcut::network::places_test {
namespace {

/// 7 devices, 2 to an uplink; two later tiers, with 2 sites of 4 devices each and 1 of all.
Attachment two_sites() {
  return Attachment({.devices = 7, .devices_per_uplink = 2}, {{6, 2}, {4, 1}});
}

/// Returns whether the device has the uplink and the sites that the attachment gives to
/// `neighbour`.
bool is_with(const Places& places, std::size_t device, std::size_t neighbour) {
  const Attachment& start = places.start();
  bool is_there = start.uplinks() == 0 || places.uplink_of(device) == start.uplink_of(neighbour);
  for (std::size_t tier = 1; tier < start.tiers(); ++tier) {
    is_there = is_there && places.site_of(tier, device) == start.site_of(tier, neighbour);
  }
  return is_there;
}

}  // namespace

TEST_CASE("places: before any move, each device is where the attachment puts it") {
  const Places places(two_sites());
  for (std::size_t device = 0; device < 7; ++device) {
    CHECK(is_with(places, device, device));
    CHECK(places.site_of(0, device) == device);
    CHECK(places.link_of(0, device) == device);
    CHECK(places.link_of(1, device) == 0);
  }
}

TEST_CASE("places: a device that moves gets the uplink and the sites of its new place") {
  Places places(two_sites());
  places.move(1, 6);
  CHECK(places.uplink_of(1) == 3);
  CHECK(places.site_of(1, 1) == 1);
  CHECK(places.site_of(2, 1) == 0);
  // It is still itself, and has its own access link.
  CHECK(places.site_of(0, 1) == 1);
  CHECK(places.link_of(0, 1) == 1);
  for (const std::size_t other : {0U, 2U, 3U, 4U, 5U, 6U}) {
    CHECK(is_with(places, other, other));
  }
}

TEST_CASE("places: a place is that of a device at the start, wherever that device is now") {
  Places places(two_sites());
  places.move(0, 6);
  places.move(1, 0);
  CHECK(is_with(places, 1, 0));
  places.move(1, 5);
  places.move(0, 0);
  CHECK(is_with(places, 1, 5));
  CHECK(is_with(places, 0, 0));
}

TEST_CASE("places: without uplinks, a move changes sites alone") {
  Places places(Attachment(Attachment::Access{.devices = 4}, {{2, 2}}));
  places.move(0, 3);
  CHECK(places.site_of(1, 0) == 1);
  CHECK(places.site_of(1, 1) == 0);
  CHECK(places.start().site_of(1, 0) == 0);
}

TEST_CASE("places: more places than devices") {
  // One device; 3 uplinks, which lead to 3 sites of one tier and to the only site of the other.
  Places places(
      Attachment({.devices = 1, .devices_per_uplink = 1, .uplinks = 3}, {{6, 3}, {4, 1}}));
  CHECK(places.start().places(0) == 3);
  CHECK(places.start().place_of(0) == 0);
  places.move_to(0, 2);
  CHECK(places.uplink_of(0) == 2);
  CHECK(places.site_of(1, 0) == 2);
  CHECK(places.site_of(2, 0) == 0);
}

TEST_CASE("places: at the start, each device is at its place") {
  for (const Attachment& attachment :
       {two_sites(), Attachment(Attachment::Access{.devices = 12}, {{8, 2}, {4, 4}, {1, 1}})}) {
    Places moved(attachment);
    for (std::size_t device = 0; device < attachment.devices(); ++device) {
      moved.move_to(device, attachment.place_of(device));
      CHECK(is_with(moved, device, device));
    }
    for (std::size_t tier = 1; tier < attachment.tiers(); ++tier) {
      CHECK(!attachment.splits_place(tier, 0));
    }
  }
  // Sites of 5 and of 4 devices, of 10.
  CHECK(Attachment(Attachment::Access{.devices = 10}, {{2, 2}, {3, 3}}).splits_place(1, 0));
}

}  // namespace offcut::network::places_test
