// Reads the uplinks of a hop. Their rates may be unlike, or move by a trace or a kind of rates.

#include "sim/scenario/sections/site_section.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/scenario/sections/rates_section.h"
#include "sim/scenario/sections/trace_section.h"

namespace offcut::scenario {
namespace {

constexpr KeySpec kUnlikeUplink[] = {
    {.name = "uplink",
     .kind = ValueKind::whole,
     .bounds = {0, kMostMachines - 1},
     .doc = "The number of the uplink. The first is 0.",
     .example = "unlike: [{uplink: 3, up: 5 Mbit/s}]"},
    {.name = "up",
     .kind = ValueKind::number,
     .dimension = Dimension::bandwidth,
     .bounds = {.least = 1},
     .absent = "that of all uplinks",
     .doc = "Its bandwidth away from the devices.",
     .example = "unlike: [{uplink: 3, up: 5 Mbit/s}]"},
    {.name = "down",
     .kind = ValueKind::number,
     .dimension = Dimension::bandwidth,
     .bounds = {.least = 1},
     .absent = "that of all uplinks",
     .doc = "Its bandwidth towards the devices.",
     .example = "unlike: [{uplink: 3, down: 5 Mbit/s}]"},
};
constexpr KeyTable kUnlikeUplinkKeys{.doc = "An uplink of another bandwidth.",
                                     .keys = kUnlikeUplink};

constexpr KeySpec kSite[] = {
    {.name = "devices",
     .kind = ValueKind::whole,
     .bounds = {1, kMostMachines},
     .absent = "required without `count`",
     .doc = "The number of devices that share an uplink, in their order.",
     .example = "site: {devices: 8, up: 50 Mbit/s, down: 50 Mbit/s}"},
    {.name = "count",
     .kind = ValueKind::whole,
     .bounds = {1, kMostMachines},
     .absent = "as many as the devices need",
     .doc = "The number of uplinks, in place of `devices`: devices are spread evenly over them, "
            "and the last ones may have none until devices move there (`mobility`).",
     .example = "site: {count: 5, up: 50 Mbit/s, down: 50 Mbit/s}"},
    {.name = "up",
     .kind = ValueKind::number,
     .dimension = Dimension::bandwidth,
     .bounds = {.least = 1},
     .absent = "required without `trace`",
     .doc = "The bandwidth away from the devices.",
     .example = "site: {devices: 8, up: 50 Mbit/s, down: 50 Mbit/s}"},
    {.name = "down",
     .kind = ValueKind::number,
     .dimension = Dimension::bandwidth,
     .bounds = {.least = 1},
     .absent = "required without `trace`",
     .doc = "The bandwidth towards the devices.",
     .example = "site: {devices: 8, up: 50 Mbit/s, down: 50 Mbit/s}"},
    {.name = "unlike",
     .lists = Lists::only,
     .below = &kUnlikeUplinkKeys,
     .absent = "none",
     .doc = "Uplinks of other bandwidths. Plans count with the mean of all uplinks.",
     .example = "site: {count: 4, up: 50 Mbit/s, down: 50 Mbit/s, unlike: [{uplink: 3, up: 5 "
                "Mbit/s}]}"},
    {.name = "trace",
     .kind = ValueKind::map_or_file,
     .lists = Lists::also,
     .below = &kTraceKeys,
     .absent = "none: constant bandwidths",
     .doc = "The bandwidths of uplinks over time, from files, which are dealt to the uplinks.",
     .example = "trace: backhaul.csv"},
    {.name = "rates",
     .below = &kRatesKeys,
     .absent = "none: constant bandwidths",
     .doc = "The bandwidths of uplinks over time, by a kind.",
     .example = "rates: {kind: lognormal, cv: 30 %}"},
};
/// Reads the uplinks that are unlike the others.
void read_unlike_uplinks(MapReader& site, std::size_t uplinks, engine::Link::Uplink& uplink) {
  const YamlNode* list = site.raw("unlike");
  if (list == nullptr) {
    return;
  }
  if (list->kind != YamlNode::Kind::sequence) {
    site.error("unlike",
               fmt::format("expected a list such as [{{uplink: 0, up: 5 Mbit/s}}], got {}",
                           describe(*list)));
    return;
  }
  std::vector<network::Rate> up(uplinks, network::Rate(uplink.up * uplink.payload));
  std::vector<network::Rate> down(uplinks, network::Rate(uplink.down * uplink.payload));
  for (MapReader& item : site.maps("unlike")) {
    const auto number = static_cast<std::size_t>(
        item.integer("uplink", Bounds{0, static_cast<double>(uplinks - 1)}));
    const auto read = [&](const char* key, BytesPerSecond common) {
      const BytesPerSecond own = item.quantity_if_given<BytesPerSecond>(key).value_or(common);
      return network::Rate(own * uplink.payload);
    };
    up[number] = read("up", uplink.up);
    down[number] = read("down", uplink.down);
    item.done();
  }
  uplink.moving_rates = {.up = network::Rates(std::move(up)),
                         .down = network::Rates(std::move(down))};
  uplink.up = BytesPerSecond(uplink.moving_rates.up->mean(0, 0) / uplink.payload);
  uplink.down = BytesPerSecond(uplink.moving_rates.down->mean(0, 0) / uplink.payload);
  for (const char* other : {"trace", "rates"}) {
    if (site.raw(other) != nullptr) {
      site.error("unlike", fmt::format("give '{}' or 'unlike', not both", other));
    }
  }
}

}  // namespace

constinit const KeyTable kSiteKeys{
    .doc =
        "An uplink: a pair of links that several devices share, after their own links. A "
        "planner takes the slower of both. All devices of an uplink must belong to one site of "
        "every later tier.",
    .keys = kSite,
    .exactly_one = "devices, count"};

void read_site(MapReader& reader, bool is_first, const TierChoice* devices, HopChoice& hop,
               ReadSoFar& so_far) {
  if (reader.raw("site") == nullptr) {
    return;
  }
  if (!is_first || hop.shared) {
    reader.error("site", is_first     ? "give 'shared' or 'site', not both"
                         : hop.direct ? "only the hop from the first tier to the next has sites"
                                      : "only the first hop has sites; on later hops, all traffic "
                                        "shares one pair of links");
  }
  MapReader site = reader.map("site");
  engine::Link::Uplink uplink;
  const std::size_t all = devices != nullptr ? std::max<std::size_t>(devices->servers, 1) : 1;
  if (site.raw("count") != nullptr) {
    uplink.count = std::max<std::size_t>(site.count("count"), 1);
    uplink.devices = (all + *uplink.count - 1) / *uplink.count;
    if (site.raw("devices") != nullptr) {
      site.error("count", "give 'devices' or 'count', not both");
    }
  } else if (site.raw("devices") != nullptr) {
    uplink.devices = std::max<std::size_t>(site.count("devices"), 1);
  } else {
    site.missing(split_list(kSiteKeys.exactly_one),
                 fmt::format("'{}.devices' or 'count' is missing", site.path()));
  }
  hop.site_trace = read_trace_choice(site, false, so_far);
  hop.site_rates = read_rate_model(site, so_far);
  const MeanFigures means = means_of(hop.site_trace);
  uplink.up = site.quantity<BytesPerSecond>("up", means.up);
  uplink.down = site.quantity<BytesPerSecond>("down", means.down);
  uplink.payload = hop.hop.payload;
  read_unlike_uplinks(site, uplink.number(all), uplink);
  site.done();
  hop.site = uplink;
}

}  // namespace offcut::scenario
