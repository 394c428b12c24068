// Reads the tiers: devices, counts, sites, memory for models and noise. The first tier is the
// devices. Its count decides which sites of later tiers are valid.

#include "sim/scenario/sections/tiers_section.h"

#include <fmt/format.h>

#include "sim/scenario/sections/autoscale_section.h"
#include "sim/scenario/sections/battery.h"
#include "sim/scenario/sections/cold_start_section.h"
#include "sim/scenario/sections/device_choice.h"
#include "sim/scenario/sections/noise_section.h"

namespace offcut::scenario {
namespace {

constexpr std::size_t kMostTiers = 16;

constexpr KeySpec kTier[] = {
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
    {.name = "sites",
     .kind = ValueKind::whole,
     .bounds = {1, kMostMachines},
     .fallback = "1",
     .doc =
         "Not in the first tier. The number of sites; `count` must be a multiple of it. Machines "
         "are divided equally, in order, and so are devices, except that the last sites may have "
         "fewer. A device is served at its own site.",
     .example = "edge: {is: t4, count: 4, sites: 2}"},
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
    {.name = "autoscale",
     .below = &kAutoscaleKeys,
     .absent = "all machines exist for the whole run",
     .doc = "Not in the first tier. Machines that start and are taken away with the load.",
     .example = "edge: {is: t4, count: 2, autoscale: {policy: utilisation, max: 8}}"},
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
    {.name = "forwarding",
     .kind = ValueKind::choice,
     .choices = "packets, messages",
     .noun = "forwarding",
     .fallback = "messages",
     .doc =
         "Not in the first and the last tier. What the tier does with messages of a request none "
         "of whose layers run on it. With `packets`, it forwards them as a router does: the "
         "message crosses the hops before and after the tier at once, as one flow at the rate "
         "of the slowest. With `messages`, it receives each message whole and sends it on, as a "
         "proxy does.",
     .example = "edge: {is: t4, forwarding: messages}"},
    {.name = "battery",
     .below = &kBatteryKeys,
     .absent = "none",
     .doc = "First tier only. The battery of each device, which its computing, its idling and its "
            "radio empty. A device with an empty battery sends no requests, and those that it has "
            "sent are dropped. Needs `power`, and the `radio` of the first hop.",
     .example = "device: {is: jetson-nano, battery: {capacity: 18 Wh}}"},
    {.name = "noise",
     .below = &kNoiseKeys,
     .absent = "none",
     .doc = "The variation of the computing times.",
     .example = "noise: {kind: lognormal, cv: 20 %}"},
};
constexpr KeyTable kTierKeys{
    .doc = "The machines of a tier.", .keys = kTier, .more = &kDeviceChoiceKeys};
constexpr KeySpec kTiers[] = {
    {.name = "TIER",
     .below = &kTierKeys,
     .doc = "A tier. The user chooses its name.",
     .example = "edge: {is: t4, count: 4}"},
};

/// Checks that the machines can be divided among the sites, and that each site has a device.
void check_sites(MapReader& tier, const TierChoice& choice, std::size_t devices) {
  if (choice.servers % choice.sites != 0) {
    tier.error("sites", fmt::format("count ({}) must be a multiple of sites ({})", choice.servers,
                                    choice.sites));
  } else if (choice.sites > devices) {
    tier.error("sites", fmt::format("{} sites for {} devices: expected at least one device per "
                                    "site",
                                    choice.sites, devices));
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

/// Reads the numbers of machines, cores and sites.
void read_counts(MapReader& tier, const ReadSoFar& so_far, TierChoice& choice) {
  const std::size_t before = so_far.diagnostics.size();
  choice.servers = tier.count("count");
  choice.count_known = tier.present() && so_far.diagnostics.size() == before;
  choice.cores = tier.count("cores");
  if (static_cast<double>(choice.servers) * static_cast<double>(choice.cores) > kMostMachines) {
    tier.error("cores", fmt::format("{} machines of {} cores each; a tier has at most {:.0f} "
                                    "cores",
                                    choice.servers, choice.cores, kMostMachines));
  }
  const std::vector<TierChoice>& tiers = so_far.scenario.tiers;
  if (&choice == &tiers.front()) {
    if (tier.raw("sites") != nullptr) {
      tier.error("sites", "only later tiers have sites; devices are divided equally among them");
    }
    return;
  }
  choice.sites_place = tier.place("sites");
  choice.sites = tier.count("sites");
  if (so_far.devices_known && so_far.diagnostics.size() == before) {
    check_sites(tier, choice, tiers.front().servers);
  }
}

/// Reads what a tier does with messages that pass it. None pass the first and the last one.
void read_forwarding(MapReader& tier, bool is_between, TierChoice& choice) {
  if (is_between) {
    choice.forwards_packets = tier.choice("forwarding") == "packets";
  } else if (tier.raw("forwarding") != nullptr) {
    tier.error("forwarding",
               "no message passes the first and the last tier: expected it in a tier between them");
  }
}

/// `is_between`: it is neither the first nor the last tier.
void read_tier(MapReader& tier, bool is_between, ReadSoFar& so_far, TierChoice& choice) {
  const std::size_t before = so_far.diagnostics.size();
  read_device_choice(tier, so_far, choice);
  read_counts(tier, so_far, choice);
  read_autoscaler(tier, so_far, choice);
  read_cold_start(tier, so_far, choice);
  read_model_memory(tier, choice);
  choice.price = tier.number_if_given("price").value_or(0);
  choice.per_request = tier.quantity_if_given<Seconds>("per-request").value_or(Seconds(0));
  read_battery(tier, &choice == &so_far.scenario.tiers.front(), so_far.diagnostics.size() == before,
               choice);
  choice.noise = read_noise(tier, so_far);
  read_forwarding(tier, is_between, choice);
  tier.done();
}

}  // namespace

constinit const KeyTable kTiersKeys{
    .doc = "Up to 16 tiers, from the devices, which are the first, inwards to the cloud.",
    .keys = kTiers,
    .names_are_chosen = true};

void read_tiers(MapReader& top, ReadSoFar& so_far) {
  const std::size_t before_all = so_far.diagnostics.size();
  std::vector<TierChoice>& choices = so_far.scenario.tiers;
  MapReader tiers = top.map("tiers");
  const std::vector<std::string> names = tiers.names("tier");
  for (const std::string& name : names) {
    const std::size_t before = so_far.diagnostics.size();
    MapReader tier = tiers.map(name);
    choices.push_back({{.name = name}});
    const bool is_between = choices.size() > 1 && name != names.back();
    read_tier(tier, is_between, so_far, choices.back());
    if (choices.size() == 1) {
      so_far.devices_known = so_far.diagnostics.size() == before;
      so_far.length_known = so_far.length_known && so_far.devices_known;
      so_far.devices_place = tier.place("count");
    }
    if (choices.size() == kMostTiers) {
      break;
    }
  }
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
