#include "sim/scenario/sections/network_section.h"

#include <fmt/format.h>

#include "sim/scenario/attachment_check.h"
#include "sim/scenario/sections/named_kind.h"
#include "sim/scenario/sections/price.h"

namespace offcut::scenario {
namespace {

// A device with links of its own takes 3 kB, most of it SimGrid's.
constexpr double kBytesOfLinks = 3e3;
constexpr std::size_t kMostLinks = 1'000'000;

/// Tiers and hops are told apart by their names. Gives the first hop that has this one's.
std::size_t check_hop_name(const YamlNode& tiers, std::size_t hop, const std::string& name,
                           ReadSoFar& so_far) {
  const Scenario& scenario = so_far.scenario;
  const auto ends = [&](std::size_t first) {
    return fmt::format("between {} and {}", in_quotes(scenario.tiers[first].name),
                       in_quotes(scenario.tiers[first + 1].name));
  };
  if (const YamlNode* tier = tiers.find(name)) {
    so_far.diagnostics.push_back(
        {tier->place, fmt::format("tiers.{}: the link {} has that name, too", name, ends(hop))});
  }
  std::size_t same = 0;
  while (same < hop && scenario.hops[same].name != name) {
    ++same;
  }
  if (same < hop) {
    const std::string& from = scenario.tiers[hop].name;
    so_far.diagnostics.push_back(
        {tiers.find(from)->place, fmt::format("tiers.{}: the links {} and {} have one name: {}",
                                              from, ends(same), ends(hop), in_quotes(name))});
  }
  return same;
}

/// A pair of links that the devices of a site share, after their own.
void read_site(MapReader& reader, bool is_first, HopChoice& hop) {
  if (reader.raw("site") == nullptr) {
    return;
  }
  if (!is_first || hop.shared) {
    reader.error("site", is_first ? "give 'shared' or 'site', not both"
                                  : "only the devices' hop has sites; from here on all traffic "
                                    "shares one pair");
  }
  MapReader site = reader.map("site", true);
  engine::Link::Uplink uplink;
  uplink.devices =
      static_cast<std::size_t>(site.integer("devices", {}, {.least = 1, .most = kMostMachines}));
  uplink.up = site.quantity<BytesPerSecond>("up", {}, {.least = 1});
  uplink.down = site.quantity<BytesPerSecond>("down", {}, {.least = 1});
  site.done();
  hop.site = uplink;
}

/// The devices' links are their own unless said otherwise; after them, all traffic shares one pair.
void read_hop_section(MapReader& reader, const std::string& name, bool is_first,
                      ReadSoFar& so_far) {
  HopChoice hop = read_hop_choice(reader, name, so_far);
  if (!is_first && reader.raw("shared") != nullptr) {
    reader.error("shared",
                 "only the devices can have links of their own; from here on all "
                 "traffic shares one pair");
  }
  hop.shared = !is_first || reader.flag("shared", false);
  read_site(reader, is_first, hop);
  reader.done();
  so_far.scenario.hops.push_back(std::move(hop));
}

void check_links(ReadSoFar& so_far) {
  const Scenario& scenario = so_far.scenario;
  if (scenario.hops.empty() || scenario.hops.front().shared ||
      scenario.tiers.front().servers <= kMostLinks) {
    return;
  }
  const auto count = static_cast<double>(scenario.tiers.front().servers);
  so_far.diagnostics.push_back(
      {so_far.devices_place,
       fmt::format("tiers.{}.count: {} devices with links of their own would take {}; at most {}, "
                   "or more with network.{}.shared: true",
                   scenario.tiers.front().name, count, to_readable(Bytes(count * kBytesOfLinks)),
                   kMostLinks, scenario.hops.front().name)});
}

}  // namespace

HopChoice read_hop_choice(MapReader& reader, const std::string& name, const ReadSoFar& so_far) {
  const NetworkKind* kind =
      named_kind(reader, "network", so_far.catalogue.networks, so_far.all_networks_known);
  HopChoice choice;
  choice.name = name;
  choice.hop = read_hop(reader, kind != nullptr ? &kind->hop : nullptr);
  choice.price = read_price(reader);
  choice.radio = read_radio(reader, kind != nullptr ? kind->radio : std::nullopt);
  return choice;
}

void read_network(MapReader& top, ReadSoFar& so_far) {
  const std::size_t before = so_far.diagnostics.size();
  Scenario& scenario = so_far.scenario;
  const std::size_t hops = so_far.tiers_known ? scenario.tiers.size() - 1 : 0;
  MapReader network = top.map("network", hops > 0);
  for (std::size_t i = 0; i < hops; ++i) {
    const std::string name = scenario.tiers[i].name + "-" + scenario.tiers[i + 1].name;
    const std::size_t same = check_hop_name(*top.raw("tiers"), i, name, so_far);
    if (same < i) {
      scenario.hops.push_back(HopChoice(scenario.hops[same]));
      continue;
    }
    MapReader reader = network.map(name, true);
    read_hop_section(reader, name, i == 0, so_far);
  }
  if (so_far.tiers_known && hops == 0 && !network.keys().empty()) {
    top.error("network", "there is one tier, so there is nothing to connect");
  }
  if (hops == 0) {
    network.ignore_rest();
  }
  network.done();
  check_links(so_far);
  if (so_far.tiers_valid && so_far.diagnostics.size() == before) {
    check_uplinks(scenario, so_far.diagnostics);
  }
}

}  // namespace offcut::scenario
