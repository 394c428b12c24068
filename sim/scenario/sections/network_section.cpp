// Reads the hops between tiers. A hop has the name of its two tiers, which must be unique among
// tiers and hops, since results and failures are told apart by it.

#include "sim/scenario/sections/network_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/scenario/attachment_check.h"
#include "sim/scenario/sections/basis_key.h"
#include "sim/scenario/sections/cell_section.h"
#include "sim/scenario/sections/disturbance_section.h"
#include "sim/scenario/sections/named_kind.h"
#include "sim/scenario/sections/rates_section.h"
#include "sim/scenario/sections/site_section.h"
#include "sim/scenario/sections/trace_section.h"

namespace offcut::scenario {
namespace {

// A device with links of its own takes 3 kB, most of it in SimGrid.
constexpr double kBytesOfLinks = 3e3;
constexpr std::size_t kMostLinks = 1'000'000;

// A link whose figures are changed is no longer the published one.
constexpr auto kFigures =
    std::to_array<const char*>({"up", "down", "latency", "payload", "per-message", "transport"});

constexpr KeySpec kHop[] = {
    {.name = "shared",
     .kind = ValueKind::flag,
     .fallback = "false",
     .doc =
         "Hops from the devices only. All devices share one pair of links, instead of a pair for "
         "each. On later hops, all traffic shares one pair in any case.",
     .example = "shared: true"},
    {.name = "site",
     .below = &kSiteKeys,
     .absent = "none",
     .doc = "First hop only. An uplink that several devices share, after their own links.",
     .example = "site: {devices: 8, up: 50 Mbit/s, down: 50 Mbit/s}"},
    {.name = "cell",
     .below = &kCellKeys,
     .absent = "none",
     .doc = "First hop only. The devices at one site share a Wi-Fi cell, whose stations they are.",
     .example = "cell: {overhead: 800 us}"},
    {.name = "trace",
     .kind = ValueKind::map_or_file,
     .lists = Lists::also,
     .below = &kTraceKeys,
     .absent = "none: constant bandwidths",
     .doc = "The bandwidths of links over time, and maybe their latencies, from files: a file, a "
            "list of files that are dealt to the devices in turn, or a map.",
     .example = "trace: city.csv"},
    {.name = "rates",
     .below = &kRatesKeys,
     .absent = "none: constant bandwidths",
     .doc = "The bandwidths of links over time, by a kind, which may be random.",
     .example = "rates: {kind: markov, preset: lte}"},
    {.name = "jitter",
     .below = &kJitterKeys,
     .absent = "none",
     .doc = "A random part of the latency.",
     .example = "jitter: {mean: 5 ms}"},
    {.name = "loss",
     .below = &kLossKeys,
     .absent = "none",
     .doc = "The loss of packets, as the time of their retransmission.",
     .example = "loss: {probability: 1 %}"},
    {.name = "burst",
     .kind = ValueKind::number,
     .dimension = Dimension::data,
     .bounds = {0, 1e15},
     .absent = "0 B",
     .doc = "The bucket of the link's shaper (token bucket): the bytes of messages that pass at "
            "once after a pause, each way. It fills at the link's rate while nothing is on the "
            "link. Not with `site`, `cell`, `trace` and `rates`. Planners do not count with it, "
            "nor do messages that cross several hops at once.",
     .example = "burst: 3 kB"},
};
constexpr KeySpec kNetwork[] = {
    {.name = "HOP",
     .below = &kHopKeys,
     .doc = "A hop, by the names of the tiers that it connects: `device-edge`. Each tier needs one "
            "to the next; `device-cloud` is a direct hop past the tiers between them.",
     .example = "device-edge: {is: lte}"},
};

constexpr KeySpec kHopChoice[] = {
    {.name = "is",
     .kind = ValueKind::name,
     .noun = "link",
     .registry = "links",
     .absent = "required without figures of the link's own",
     .doc = "A link of the catalogue or of `networks`, whose figures may be changed beside it.",
     .example = "is: lte"},
    {.name = "price",
     .kind = ValueKind::number,
     .bounds = {0, 1e9},
     .absent = "free",
     .doc =
         "The price of a gigabyte, either way, in any currency. The objective `money` counts it.",
     .example = "price: 2"},
};

/// Notes an error if a tier or an earlier hop has the name. Returns the first hop that has it.
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
        {tiers.find(from)->place,
         fmt::format("tiers.{}: the links {} and {} have the same name: {}", from, ends(same),
                     ends(hop), in_quotes(name))});
  }
  return same;
}

/// Reads a hop. By default, devices have links of their own; on later hops, all traffic shares one
/// pair. `devices` are those that it leaves; null for a later hop. `direct` are the ends of a
/// direct hop.
HopChoice read_hop_section(MapReader& reader, const std::string& name, const TierChoice* devices,
                           std::optional<engine::Link::Ends> direct, ReadSoFar& so_far) {
  const std::size_t before = so_far.diagnostics.size();
  const auto trace = read_trace_choice(reader, true, so_far);
  HopChoice hop = read_hop_choice(reader, name, devices != nullptr, so_far, means_of(trace));
  hop.trace = trace;
  hop.rate_model = read_rate_model(reader, so_far);
  hop.jitter = read_jitter(reader, so_far);
  hop.loss = read_loss(reader);
  hop.burst = reader.quantity_if_given<Bytes>("burst").value_or(Bytes(0));
  for (const char* key : {"site", "cell", "trace", "rates"}) {
    if (hop.burst > Bytes(0) && reader.raw(key) != nullptr) {
      reader.error("burst", fmt::format("is not supported with {}", in_quotes(key)));
    }
  }
  const bool is_first = devices != nullptr && !direct;
  hop.place = reader.place("");
  hop.direct = direct;
  if (is_first && devices->battery && !hop.radio && so_far.diagnostics.size() == before) {
    reader.error(
        "radio",
        fmt::format("the power draw of the radio is unknown: the battery of {} needs it, with "
                    "0 W if the link takes none",
                    in_quotes(devices->name)));
  }
  if (devices != nullptr && direct && devices->battery) {
    so_far.diagnostics.push_back(
        {hop.place, fmt::format("network.{}: the battery of {} knows only the radio of the first "
                                "hop, so that there is no direct hop from there",
                                name, in_quotes(devices->name))});
  }
  if (devices == nullptr && reader.raw("radio") != nullptr) {
    reader.error("radio", fmt::format("only the energy of the devices' radios is counted: expected "
                                      "it in {}",
                                      so_far.scenario.hops.front().section));
  }
  if (devices == nullptr && reader.raw("shared") != nullptr) {
    reader.error("shared",
                 "only devices can have links of their own; on later hops, all traffic shares one "
                 "pair of links");
  }
  hop.shared = devices == nullptr || reader.flag("shared");
  read_site(reader, is_first, devices, hop, so_far);
  read_cell(reader, is_first ? devices : nullptr, hop);
  reader.done();
  return hop;
}

/// Reads a direct hop. With groups of devices, there is none so far.
void read_direct_hop(MapReader& network, const YamlNode& tiers_node, const std::string& name,
                     engine::Link::Ends ends, ReadSoFar& so_far) {
  Scenario& scenario = so_far.scenario;
  if (!so_far.own_hops.empty()) {
    network.reject(name, fmt::format("direct hops are not supported yet in systems with groups of "
                                     "devices: expected no 'groups' in tiers.{}",
                                     scenario.device_tier));
    return;
  }
  if (const YamlNode* tier = tiers_node.find(name)) {
    so_far.diagnostics.push_back(
        {tier->place,
         fmt::format("tiers.{}: the direct hop {} has that name, too", name, in_quotes(name))});
  }
  MapReader reader = network.map(name);
  const TierChoice* devices = ends.from == 0 ? &scenario.tiers.front() : nullptr;
  scenario.hops.push_back(read_hop_section(reader, name, devices, ends, so_far));
}

/// Reads the direct hops, in the order of their tiers, and notes those that go inward.
void read_direct_hops(MapReader& network, const YamlNode& tiers_node, ReadSoFar& so_far) {
  const Scenario& scenario = so_far.scenario;
  std::vector<std::string> names = {scenario.device_tier};  // Of the tiers, without their groups.
  for (std::size_t tier = scenario.groups; tier < scenario.tiers.size(); ++tier) {
    names.push_back(scenario.tiers[tier].name);
  }
  const auto name_of = [&](std::size_t from, std::size_t to) {
    return names[from] + "-" + names[to];
  };
  for (std::size_t from = 0; from < names.size(); ++from) {
    for (std::size_t to = from + 2; to < names.size(); ++to) {
      const std::string name = name_of(from, to);
      const bool is_taken = std::any_of(scenario.hops.begin(), scenario.hops.end(),
                                        [&](const HopChoice& hop) { return hop.name == name; });
      if (!is_taken && network.raw(name) != nullptr) {
        read_direct_hop(network, tiers_node, name, {from, to}, so_far);
      }
    }
  }
  for (std::size_t to = 0; to < names.size(); ++to) {
    for (std::size_t from = to + 1; from < names.size(); ++from) {
      if (network.has(name_of(from, to))) {
        network.reject(name_of(from, to), fmt::format("a hop is named from the device outward: "
                                                      "expected {}",
                                                      in_quotes(name_of(to, from))));
      }
    }
  }
}

void check_links(ReadSoFar& so_far) {
  const Scenario& scenario = so_far.scenario;
  std::size_t links = 0;
  for (std::size_t group = 0; group < std::min(scenario.groups, scenario.hops.size()); ++group) {
    links += scenario.hops[group].shared ? 0 : scenario.tiers[group].servers;
  }
  if (links <= kMostLinks) {
    return;
  }
  const auto count = static_cast<double>(links);
  so_far.diagnostics.push_back(
      {so_far.devices_place,
       fmt::format("{}.{}.count: {} devices with links of their own would take {}; at most {}, "
                   "or more with {}.shared: true",
                   scenario.tiers.front().section, scenario.tiers.front().name, count,
                   to_readable(Bytes(count * kBytesOfLinks)), kMostLinks,
                   scenario.hops.front().section)});
}

/// Reads the hops of the devices: those of groups without a network of their own have the figures
/// below the name of the tier.
void read_device_hops(MapReader& network, ReadSoFar& so_far) {
  Scenario& scenario = so_far.scenario;
  const std::string& next = scenario.tiers[scenario.groups].name;
  const std::string shared_name = scenario.device_tier + "-" + next;
  std::optional<HopChoice> common;
  so_far.own_hops.resize(scenario.groups);  // An invalid group may lack one.
  for (std::size_t group = 0; group < scenario.groups; ++group) {
    HopChoice hop;
    if (so_far.own_hops[group]) {
      hop = *so_far.own_hops[group];
    } else if (common) {
      hop = *common;
    } else {
      MapReader reader = network.map(shared_name);
      hop = read_hop_section(reader, shared_name, &scenario.tiers[group], std::nullopt, so_far);
      common = hop;
    }
    hop.name = scenario.tiers[group].name + "-" + next;
    if (std::any_of(scenario.tiers.begin(), scenario.tiers.end(),
                    [&](const TierChoice& tier) { return tier.name == hop.name; })) {
      so_far.diagnostics.push_back(
          {so_far.devices_place,
           fmt::format("{}.{}: its link {} has the name of a tier", scenario.tiers[group].section,
                       scenario.tiers[group].name, in_quotes(hop.name))});
    }
    scenario.hops.push_back(std::move(hop));
  }
  if (!common && network.raw(shared_name) != nullptr) {
    network.error(shared_name,
                  "each group of devices has a 'network' of its own, so that nobody "
                  "uses this one");
  }
}

}  // namespace

constinit const KeyTable kHopKeys{
    .doc = "The links between two tiers.", .keys = kHop, .more = &kHopChoiceKeys, .title = "Links"};
constinit const KeyTable kNetworkKeys{
    .doc =
        "The links between each tier and the next, and direct hops. Only devices can have links of "
        "their own; on later hops, all traffic shares one pair of links.",
    .keys = kNetwork};
constinit const KeyTable kHopChoiceKeys{.doc = "The kind of the link, and its price.",
                                        .keys = kHopChoice,
                                        .more = &kLinkKeys,
                                        .title = "Kind of link"};

HopChoice read_hop_choice(MapReader& reader, const std::string& name, bool leaves_devices,
                          const ReadSoFar& so_far, const MeanFigures& means) {
  const NetworkKind* kind =
      named_kind(reader, so_far.catalogue.networks, so_far.all_networks_known);
  HopChoice choice;
  choice.name = name;
  choice.section = reader.path();
  choice.hop = read_hop(reader, kind != nullptr ? &kind->hop : nullptr, means);
  choice.price = reader.number_if_given("price").value_or(0);
  if (leaves_devices) {
    choice.radio = read_radio(reader, kind != nullptr ? kind->radio : std::nullopt);
  }
  const bool as_named = kind != nullptr && !means.up && !means.down && !means.latency &&
                        std::none_of(kFigures.begin(), kFigures.end(),
                                     [&](const char* key) { return reader.has(key); });
  choice.basis = read_basis(reader, as_named ? kind->basis : Basis::assumed);
  return choice;
}

HopChoice read_own_hop(MapReader& reader, const TierChoice& devices, ReadSoFar& so_far) {
  return read_hop_section(reader, devices.name, &devices, std::nullopt, so_far);
}

void read_network(MapReader& top, ReadSoFar& so_far) {
  const std::size_t before = so_far.diagnostics.size();
  Scenario& scenario = so_far.scenario;
  const bool has_hops = so_far.tiers_known && scenario.tiers.size() > scenario.groups;
  const std::size_t hops = has_hops ? scenario.tiers.size() - 1 : 0;
  const bool all_have_own = has_hops && hops == scenario.groups &&
                            so_far.own_hops.size() == scenario.groups &&
                            std::all_of(so_far.own_hops.begin(), so_far.own_hops.end(),
                                        [](const auto& hop) { return hop.has_value(); });
  MapReader network = top.map("network", has_hops && !all_have_own);
  if (has_hops && !so_far.own_hops.empty()) {
    read_device_hops(network, so_far);
  }
  for (std::size_t i = scenario.hops.size(); i < hops; ++i) {
    const std::string name = scenario.tiers[i].name + "-" + scenario.tiers[i + 1].name;
    const std::size_t same = check_hop_name(*top.raw("tiers"), i, name, so_far);
    if (same < i) {
      scenario.hops.push_back(HopChoice(scenario.hops[same]));
      continue;
    }
    MapReader reader = network.map(name);
    const TierChoice* devices = i < scenario.groups ? &scenario.tiers[i] : nullptr;
    scenario.hops.push_back(read_hop_section(reader, name, devices, std::nullopt, so_far));
  }
  if (hops > 0) {
    read_direct_hops(network, *top.raw("tiers"), so_far);
  }
  if (so_far.tiers_known && hops == 0 && !network.keys().empty()) {
    top.error("network", "there is one tier, so there is nothing to connect");
  }
  if (hops == 0) {
    network.ignore_rest();
  }
  network.done();
  check_links(so_far);
  number_cells(so_far);
  if (so_far.tiers_valid && so_far.diagnostics.size() == before) {
    check_uplinks(scenario, so_far.diagnostics);
  }
}

}  // namespace offcut::scenario
