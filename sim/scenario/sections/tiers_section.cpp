// Reads the tiers: devices, counts, sites, memory for models and noise. The first tier is the
// devices, or several groups of them, each of which is a tier to the engine. Their count decides
// which sites of later tiers are valid. The unlike machines of a later tier are one tier.

#include "sim/scenario/sections/tiers_section.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/base/readable.h"
#include "sim/scenario/sections/autoscale_section.h"
#include "sim/scenario/sections/battery.h"
#include "sim/scenario/sections/cold_start_section.h"
#include "sim/scenario/sections/device_choice.h"
#include "sim/scenario/sections/device_traces_section.h"
#include "sim/scenario/sections/groups_section.h"
#include "sim/scenario/sections/network_section.h"
#include "sim/scenario/sections/noise_section.h"

namespace offcut::scenario {
namespace {

constexpr std::size_t kMostTiers = 16;
constexpr double kMostParallel = 64;

constexpr KeySpec kMachine[] = {
    {.name = "count",
     .kind = ValueKind::whole,
     .bounds = {1, kMostMachines},
     .fallback = "1",
     .doc = "The number of machines, with `autoscale` at the start; in the first tier, of devices.",
     .example = "count: 4"},
    {.name = "cores",
     .kind = ValueKind::whole,
     .bounds = {1, kMostMachines},
     .fallback = "1",
     .doc = "The cores of each machine: the requests, or batches, that it computes at once. A tier "
            "has at most 10000000 cores.",
     .example = "cores: 2"},
    {.name = "parallel",
     .kind = ValueKind::whole,
     .bounds = {1, kMostParallel},
     .absent = "layers run one after the other",
     .doc = "The engines that compute a request, or a batch: layers that do not depend on each "
            "other run at the same time, one on each engine, by a list schedule that puts the "
            "longest path to the end first. Each of the `cores` has so many engines.",
     .example = "parallel: 2"},
    {.name = "model-memory",
     .kind = ValueKind::number,
     .dimension = Dimension::data,
     .absent = "all models fit",
     .doc = "The memory of each machine for models. A model is loaded before it is computed, and "
            "others are evicted where there is no room.",
     .example = "model-memory: 4 GB"},
    {.name = "model-load",
     .kind = ValueKind::number,
     .dimension = Dimension::bandwidth,
     .bounds = {.least = 1},
     .fallback = "1 GB/s",
     .doc = "The bandwidth at which a model is loaded. Needs `model-memory`.",
     .example = "edge: {is: t4, model-memory: 4 GB, model-load: 2 GB/s}"},
    {.name = "price",
     .kind = ValueKind::number,
     .bounds = {0, 1e9},
     .absent = "free",
     .doc = "The price of an hour of a machine, in any currency. The objective `money` counts the "
            "time for which it computes a request; a run, the time for which it exists.",
     .example = "price: 0.5"},
    {.name = "cold-start",
     .below = &kColdStartKeys,
     .absent = "machines are always warm",
     .doc = "The time that a machine needs before it serves if it was idle for long.",
     .example = "cold-start: {time: 2 s, idle-after: 10 min}"},
    {.name = "per-request",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = {0, 1e6},
     .absent = "none",
     .doc = "The time of handing a request over to the tier, which occupies a core like computing "
            "and counts as such. Each request takes it on the device and on every tier that takes "
            "its messages: where layers run, and where messages are forwarded whole.",
     .example = "per-request: 0.2 ms"},
    {.name = "time-scale",
     .kind = ValueKind::number,
     .bounds = {1e-3, 1e3},
     .absent = "1",
     .doc = "A factor of the times of all layers, whatever they come from, without `per-request`: "
            "`offcut calibrate` writes it.",
     .example = "edge: {is: t4, time-scale: 1.07}"},
    {.name = "battery",
     .below = &kBatteryKeys,
     .absent = "none",
     .doc = "First tier only. The battery of each device, which its computing, its idling and its "
            "radio empty. A device with an empty battery sends no requests, and those that it has "
            "sent are dropped. Needs `power`, and the `radio` of the first hop.",
     .example = "device: {is: jetson-nano, battery: {capacity: 18 Wh}}"},
    {.name = "availability",
     .below = &kAvailabilityKeys,
     .absent = "devices are always there",
     .doc = "First tier only. The times at which each device is there, from a trace. A device that "
            "is away computes nothing, sends nothing and asks nothing, as if its machine and its "
            "links were down; requests that would arrive then do not.",
     .example = "device: {is: jetson-nano, availability: {trace: phones.json}}"},
    {.name = "capacity",
     .below = &kCapacityKeys,
     .absent = "devices are alike",
     .doc = "First tier only. The speed of each device and of its link, from a trace.",
     .example = "device: {is: jetson-nano, capacity: {trace: phones.csv, reference: 12 ms}}"},
    {.name = "noise",
     .below = &kNoiseKeys,
     .absent = "none",
     .doc = "The variation of the computing times.",
     .example = "noise: {kind: lognormal, cv: 20 %}"},
};
constexpr KeySpec kTier[] = {
    {.name = "sites",
     .kind = ValueKind::whole,
     .bounds = {1, kMostMachines},
     .fallback = "1",
     .doc =
         "Not in the first tier. The number of sites; `count` must be a multiple of it. Machines "
         "are divided equally, in order, and so are devices, except that the last sites may have "
         "fewer. A device is served at its own site.",
     .example = "edge: {is: t4, count: 4, sites: 2}"},
    {.name = "forwarding",
     .kind = ValueKind::choice,
     .choices = "packets, messages",
     .noun = "forwarding",
     .fallback = "packets",
     .doc = "Not in the first and the last tier. The way in which the tier passes on messages of a "
            "request none "
            "of whose layers run on it. With `packets`, it forwards them as a router does: the "
            "message crosses the hops before and after the tier at once, as one flow at the rate "
            "of the slowest. With `messages`, it receives each message whole and sends it on, as a "
            "proxy does.",
     .example = "edge: {is: t4, forwarding: messages}"},
    {.name = "autoscale",
     .below = &kAutoscaleKeys,
     .absent = "all machines exist for the whole run",
     .doc = "Not in the first tier. Machines that start and are taken away with the load.",
     .example = "edge: {is: t4, count: 2, autoscale: {policy: utilisation, max: 8}}"},
    {.name = "groups",
     .below = &kGroupsKeys,
     .absent = "all machines are alike",
     .doc = "Groups of machines that are not alike. The other keys of the tier are the defaults of "
            "its groups, each of which has a `count`.",
     .example = "edge: {groups: {big: {is: t4}, small: {is: jetson-agx-orin, count: 4}}}"},
    {.name = "planned-for",
     .kind = ValueKind::name,
     .noun = "group",
     .absent = "`slowest`",
     .doc = "Later tiers with `groups` only. The machines whose times plans count with: a group, "
            "`slowest` for the one that takes longest for all layers of a model, or `mean` for the "
            "mean over all machines. A run takes the times of the machine that computes a request.",
     .example = "edge: {groups: {big: {is: t4}, small: {is: jetson-nano}}, planned-for: mean}"},
};
constexpr KeyTable kTierKeys{
    .doc = "The machines of a tier.", .keys = kTier, .more = &kMachineKeys};
constexpr KeySpec kTiers[] = {
    {.name = "TIER",
     .below = &kTierKeys,
     .doc = "A tier. The user chooses its name.",
     .example = "edge: {is: t4, count: 4}"},
};

/// Checks that the machines can be divided among the sites, and that each site has a device.
void check_sites(MapReader& tier, TierChoice& choice, std::size_t devices) {
  if (tier.has("groups")) {  // They have numbers of their own.
    choice.servers = choice.sites;
  }
  if (choice.servers % choice.sites != 0) {
    tier.error("sites", fmt::format("count ({}) must be a multiple of sites ({})", choice.servers,
                                    choice.sites));
  } else if (choice.sites > devices) {
    tier.error("sites", fmt::format("{} for {}: expected at least one device per site",
                                    counted(choice.sites, "site"), counted(devices, "device")));
  }
}

/// Reads the memory for models. Without it, all models are in memory from the start.
void read_model_memory(MapReader& tier, TierChoice& choice) {
  if (tier.raw("model-memory") != nullptr) {
    choice.memory_place = tier.place("model-memory");
    choice.memory = tier.quantity<Bytes>("model-memory");
    choice.load = tier.quantity<BytesPerSecond>("model-load");
  } else if (tier.raw("model-load") != nullptr) {
    tier.error("model-load", "needs 'model-memory', into which models are loaded");
  }
}

/// Reads the numbers of machines and cores.
void read_machine_counts(MapReader& tier, const ReadSoFar& so_far, TierChoice& choice) {
  const std::size_t before = so_far.diagnostics.size();
  choice.servers = tier.count("count");
  choice.count_known = tier.present() && so_far.diagnostics.size() == before;
  choice.cores = tier.count("cores");
  if (static_cast<double>(choice.servers) * static_cast<double>(choice.cores) > kMostMachines) {
    tier.error("cores", fmt::format("{} of {} each; a tier has at most {:.0f} cores",
                                    counted(choice.servers, "machine"),
                                    counted(choice.cores, "core"), kMostMachines));
  }
}

bool are_devices(const ReadSoFar& so_far) {
  return so_far.scenario.tiers.size() <= so_far.scenario.groups;
}

/// Reads the number of sites of a tier.
void read_sites(MapReader& tier, const ReadSoFar& so_far, std::size_t before, TierChoice& choice) {
  if (are_devices(so_far)) {
    if (tier.raw("sites") != nullptr) {
      tier.error("sites", "only later tiers have sites; devices are divided equally among them");
    }
    return;
  }
  choice.sites_place = tier.place("sites");
  choice.sites = tier.count("sites");
  if (so_far.devices_known && so_far.diagnostics.size() == before) {
    check_sites(tier, choice, device_count(so_far.scenario));
  }
}

/// Reads what a tier does with messages that pass it. None pass the first and the last one.
void read_forwarding(MapReader& tier, bool is_between, TierChoice& choice) {
  if (is_between) {
    choice.states_forwarding = tier.has("forwarding");
    choice.forwards_packets = tier.choice("forwarding") == "packets";
  } else if (tier.raw("forwarding") != nullptr) {
    tier.error("forwarding",
               "no message passes the first and the last tier: expected it in a tier between them");
  }
}

/// Reads what remains of the machines of a tier or a group after their numbers.
void read_machines(MapReader& tier, ReadSoFar& so_far, std::size_t before, TierChoice& choice) {
  choice.parallel = tier.raw("parallel") != nullptr ? tier.count("parallel") : 1;
  read_model_memory(tier, choice);
  choice.price = tier.number_if_given("price").value_or(0);
  choice.per_request = tier.quantity_if_given<Seconds>("per-request").value_or(Seconds(0));
  choice.time_scale = tier.number_if_given("time-scale").value_or(1);
  read_battery(tier, are_devices(so_far), so_far.diagnostics.size() == before, choice);
  read_availability(tier, are_devices(so_far), so_far, choice);
  read_capacity(tier, are_devices(so_far), so_far, choice);
  choice.noise = read_noise(tier, so_far);
}

/// Reads a tier whose machines are all alike. `is_between`: it is neither the first nor the last
/// one.
void read_tier(MapReader& tier, bool is_between, ReadSoFar& so_far, TierChoice& choice) {
  const std::size_t before = so_far.diagnostics.size();
  read_device_choice(tier, so_far, choice);
  const std::size_t before_counts = so_far.diagnostics.size();
  read_machine_counts(tier, so_far, choice);
  read_sites(tier, so_far, before_counts, choice);
  read_autoscaler(tier, so_far, choice);
  read_cold_start(tier, so_far, choice);
  read_machines(tier, so_far, before, choice);
  read_forwarding(tier, is_between, choice);
  tier.raw("groups");
  if (tier.raw("planned-for") != nullptr) {
    tier.error("planned-for", "all machines are alike: expected 'groups'");
  }
  tier.done();
}

/// Reads a group of devices, which is a tier of its own.
void read_devices(MapReader& group, ReadSoFar& so_far, TierChoice& choice) {
  const std::size_t before = so_far.diagnostics.size();
  read_device_choice(group, so_far, choice);
  read_machine_counts(group, so_far, choice);
  read_cold_start(group, so_far, choice);
  read_machines(group, so_far, before, choice);
  group.reject("at-sites", "only later tiers have sites; devices are divided equally among them");
  so_far.own_hops.emplace_back();
  if (group.raw("network") != nullptr) {
    MapReader network = group.map("network");
    so_far.own_hops.back() = read_own_hop(network, choice, so_far);
  }
  group.done();
}

/// Returns whether the tier has groups. Notes an error if there are none in its map.
bool check_any(MapReader& tier, const GroupMaps& groups) {
  if (groups.groups().present() && groups.names().empty()) {
    tier.error("groups", "expected at least one group");
  }
  return !groups.names().empty();
}

/// Reads the first tier in groups, each of which becomes a tier.
void read_device_groups(MapReader& tier, const std::string& name, ReadSoFar& so_far) {
  Scenario& scenario = so_far.scenario;
  const std::size_t before = so_far.diagnostics.size();
  for (const char* key : {"sites", "autoscale", "planned-for"}) {
    if (tier.raw(key) != nullptr) {
      tier.error(key, "only later tiers have it");
    }
  }
  TierChoice unused;
  read_forwarding(tier, false, unused);
  GroupMaps groups(tier, {});
  if (!check_any(tier, groups)) {
    scenario.tiers.push_back({{.name = name}});
    tier.done();
    return;
  }
  scenario.groups = groups.names().size();
  for (const std::string& group : groups.names()) {
    MapReader reader = groups.reader(group);
    scenario.tiers.push_back({{.name = group}, groups.groups().path()});
    so_far.devices_place =
        scenario.tiers.size() == 1 ? reader.place("count") : so_far.devices_place;
    read_devices(reader, so_far, scenario.tiers.back());
  }
  groups.done();
  tier.done();
  remove_repeated(so_far.diagnostics, before);
}

/// Takes over the groups of a tier's machines into the fields that stand for all of them.
void settle_groups(MapReader& tier, TierChoice& choice) {
  choice.servers = 0;
  double cores = 0;
  std::vector<std::size_t> at_site(choice.sites);
  for (std::size_t i = 0; i < choice.machines.size(); ++i) {
    const TierChoice& group = choice.machines[i];
    choice.groups[i].name = group.name;
    choice.groups[i].cores = group.cores;
    choice.groups[i].noise = group.noise;
    choice.groups[i].memory = group.memory;
    choice.groups[i].load = group.load;
    choice.groups[i].power = group.power;
    choice.servers += group.servers;
    cores += static_cast<double>(group.servers) * static_cast<double>(group.cores);
    for (std::size_t site = 0; site < choice.sites; ++site) {
      at_site[site] += choice.groups[i].at_site[site];
    }
  }
  const auto empty = std::find(at_site.begin(), at_site.end(), std::size_t{0});
  if (empty != at_site.end()) {
    tier.error("groups", fmt::format("no group has a machine at site {}", empty - at_site.begin()));
  }
  if (cores > kMostMachines) {
    tier.error("groups",
               fmt::format("{:.0f} cores; a tier has at most {:.0f} cores", cores, kMostMachines));
  }
  const TierChoice& first = choice.machines.front();
  choice.is = first.is;
  choice.place = first.place;
  choice.price = first.price;
  choice.per_request = first.per_request;
  choice.time_scale = first.time_scale;
  choice.parallel = first.parallel;
  choice.basis = first.basis;
  choice.memory_place = first.memory_place;
}

void read_planned_for(MapReader& tier, const std::vector<std::string>& groups, TierChoice& choice) {
  std::vector<std::string> names = groups;
  names.insert(names.end(), {"slowest", "mean"});
  const std::string name = tier.one_of("planned-for", names, "slowest").value_or("slowest");
  const auto group = std::find(groups.begin(), groups.end(), name);
  if (group != groups.end()) {
    choice.planned_for = {PlannedFor::Kind::group,
                          static_cast<std::size_t>(group - groups.begin())};
  } else if (name == "mean") {
    choice.planned_for.kind = PlannedFor::Kind::mean;
  }
}

/// Reads a later tier whose machines are in groups.
void read_unlike_machines(MapReader& tier, bool is_between, ReadSoFar& so_far, TierChoice& choice) {
  const std::size_t before = so_far.diagnostics.size();
  read_sites(tier, so_far, before, choice);
  const bool sites_known = so_far.diagnostics.size() == before;
  read_forwarding(tier, is_between, choice);
  GroupMaps groups(tier, {"cold-start", "battery", "availability", "capacity"});
  if (!check_any(tier, groups)) {
    tier.done();
    return;
  }
  for (const std::string& name : groups.names()) {
    MapReader reader = groups.reader(name);
    TierChoice& group = choice.machines.emplace_back();
    group.name = name;
    group.section = groups.groups().path();
    read_device_choice(reader, so_far, group);
    const std::size_t before_counts = so_far.diagnostics.size();
    if (!reader.has("at-sites")) {
      read_machine_counts(reader, so_far, group);
    } else {
      group.cores = reader.count("cores");
      reader.raw("count");
    }
    choice.groups.push_back({.at_site = std::vector<std::size_t>(choice.sites, 1)});
    if (sites_known && so_far.diagnostics.size() == before_counts) {
      const auto at_sites = read_at_sites(reader, group.servers, choice.sites);
      choice.groups.back().at_site = at_sites.empty() ? choice.groups.back().at_site : at_sites;
    }
    reader.raw("at-sites");
    group.servers = sum_of(choice.groups.back().at_site);
    read_machines(reader, so_far, before, group);
    reader.reject("cold-start", "give it to the tier: all of its machines have the same");
    reader.reject("network", "only groups of devices, in the first tier, have links of their own");
    reader.done();
  }
  settle_groups(tier, choice);
  choice.count_known = so_far.diagnostics.size() == before;
  read_planned_for(tier, groups.names(), choice);
  read_autoscaler(tier, so_far, choice);
  read_cold_start(tier, so_far, choice);
  if (tier.raw("battery") != nullptr) {
    tier.error("battery", "only devices, the machines of the first tier, have batteries");
  }
  for (const char* key : {"availability", "capacity"}) {
    if (tier.raw(key) != nullptr) {
      tier.error(key, kOnlyDevicesHaveTraces);
    }
  }
  groups.done();
  tier.done();
  remove_repeated(so_far.diagnostics, before);
}

/// Notes an error for each group of devices that has the name of a later tier.
void check_names(const MapReader& tiers, ReadSoFar& so_far) {
  const Scenario& scenario = so_far.scenario;
  for (std::size_t group = 0; scenario.groups > 1 && group < scenario.groups; ++group) {
    const std::string& name = scenario.tiers[group].name;
    const bool is_tier = std::any_of(
        scenario.tiers.begin() + static_cast<std::ptrdiff_t>(scenario.groups), scenario.tiers.end(),
        [&](const TierChoice& tier) { return tier.name == name; });
    if (is_tier) {
      so_far.diagnostics.push_back(
          {tiers.place(scenario.device_tier),
           fmt::format("{}.{}: a tier has that name, too", scenario.tiers[group].section, name)});
    }
  }
}

/// Where a tier stands among all.
struct Position {
  bool is_first, is_last;
};

void read_one(MapReader& tiers, const std::string& name, Position position, ReadSoFar& so_far) {
  const bool is_first = position.is_first;
  const bool is_between = !is_first && !position.is_last;
  std::vector<TierChoice>& choices = so_far.scenario.tiers;
  const std::size_t before = so_far.diagnostics.size();
  MapReader tier = tiers.map(name);
  if (is_first) {
    so_far.scenario.device_tier = name;
  }
  if (is_first && tier.has("groups")) {
    read_device_groups(tier, name, so_far);
  } else {
    choices.push_back({{.name = name}});
    if (is_first) {
      so_far.devices_place = tier.place("count");
    }
    tier.has("groups") ? read_unlike_machines(tier, is_between, so_far, choices.back())
                       : read_tier(tier, is_between, so_far, choices.back());
  }
  if (is_first) {
    so_far.devices_known = so_far.diagnostics.size() == before;
    so_far.length_known = so_far.length_known && so_far.devices_known;
  }
}

}  // namespace

constinit const KeyTable kMachineKeys{.doc = "Machines, their number and their settings.",
                                      .keys = kMachine,
                                      .more = &kDeviceChoiceKeys,
                                      .title = "Machines"};
constinit const KeyTable kTiersKeys{
    .doc = "Up to 16 tiers, from the devices, which are the first, inwards to the cloud.",
    .keys = kTiers,
    .names_are_chosen = true,
    .names_are_plain = true};

void read_tiers(MapReader& top, ReadSoFar& so_far) {
  const std::size_t before_all = so_far.diagnostics.size();
  std::vector<TierChoice>& choices = so_far.scenario.tiers;
  MapReader tiers = top.map("tiers");
  const std::vector<std::string> names = tiers.names("tier");
  for (const std::string& name : names) {
    read_one(tiers, name, {name == names.front(), name == names.back()}, so_far);
    if (engine::levels(choices.size(), so_far.scenario.groups) == kMostTiers) {
      break;
    }
  }
  check_names(tiers, so_far);
  if (tiers.keys().size() > kMostTiers) {
    top.error("tiers", fmt::format("at most {} tiers, got {}", kMostTiers, tiers.keys().size()));
  } else if (tiers.present() && choices.empty()) {
    top.error("tiers", "expected at least one, the device first");
  } else {
    so_far.tiers_known = tiers.present();
  }
  so_far.tiers_valid = so_far.tiers_known && so_far.diagnostics.size() == before_all;
}

}  // namespace offcut::scenario
