#include "sim/scenario/sections/tiers_section.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/scenario/sections/device_choice.h"
#include "sim/scenario/sections/price.h"

namespace offcut::scenario {
namespace {

constexpr std::size_t kMostTiers = 16;

std::size_t read_count(MapReader& reader, const std::string& key) {
  return static_cast<std::size_t>(reader.integer(key, 1, {.least = 1, .most = kMostMachines}));
}

/// The machines of a later tier stand at as many places, of which each device has one.
void check_sites(MapReader& tier, const TierChoice& choice, std::size_t devices) {
  if (choice.servers % choice.sites != 0) {
    tier.error("sites", fmt::format("{} servers can't stand at {} sites in equal numbers",
                                    choice.servers, choice.sites));
  } else if (choice.sites > devices) {
    tier.error("sites", fmt::format("{} sites for {} devices: expected at least one device each",
                                    choice.sites, devices));
  }
}

/// By default, all models fit and are there from the start.
void read_model_memory(MapReader& tier, TierChoice& choice) {
  if (tier.raw("model-memory") != nullptr) {
    choice.memory_place = tier.place("model-memory");
    choice.memory = tier.quantity<Bytes>("model-memory");
    choice.load = tier.quantity<BytesPerSecond>("model-load", choice.load, {.least = 1});
  } else if (tier.raw("model-load") != nullptr) {
    tier.error("model-load", "belongs to a 'model-memory' that models are loaded into");
  }
}

void read_noise(MapReader& reader, engine::Noise& noise) {
  const std::vector<std::string> kinds = {"none", "lognormal", "exponential"};
  const auto kind = reader.one_of("kind", "noise", kinds, "none");
  if (!kind) {
    reader.ignore_rest();
    return;
  }
  noise.kind = static_cast<engine::Noise::Kind>(std::find(kinds.begin(), kinds.end(), *kind) -
                                                kinds.begin());
  if (noise.kind == engine::Noise::Kind::lognormal) {
    noise.cv = reader.number("cv", Dimension::number, {}, {.least = 0, .most = 100});
  } else if (reader.raw("cv") != nullptr) {
    reader.error("cv", "only lognormal noise has one");
  }
}

/// How many machines of how many cores there are, and where.
void read_counts(MapReader& tier, const ReadSoFar& so_far, TierChoice& choice) {
  const std::size_t before = so_far.diagnostics.size();
  choice.servers = read_count(tier, "count");
  choice.count_known = tier.present() && so_far.diagnostics.size() == before;
  choice.cores = read_count(tier, "cores");
  if (static_cast<double>(choice.servers) * static_cast<double>(choice.cores) > kMostMachines) {
    tier.error("cores", fmt::format("{} machines of {} cores each; a tier has at most {:.0f} "
                                    "cores",
                                    choice.servers, choice.cores, kMostMachines));
  }
  const std::vector<TierChoice>& tiers = so_far.scenario.tiers;
  if (&choice == &tiers.front()) {
    if (tier.raw("sites") != nullptr) {
      tier.error("sites", "the later tiers have sites; devices go with them in equal numbers");
    }
    return;
  }
  choice.sites_place = tier.place("sites");
  choice.sites = read_count(tier, "sites");
  if (so_far.devices_known && so_far.diagnostics.size() == before) {
    check_sites(tier, choice, tiers.front().servers);
  }
}

void read_tier(MapReader& tier, ReadSoFar& so_far, TierChoice& choice) {
  read_device_choice(tier, so_far, choice);
  read_counts(tier, so_far, choice);
  read_model_memory(tier, choice);
  choice.price = read_price(tier);
  MapReader noise = tier.map("noise", false);
  read_noise(noise, choice.noise);
  noise.done();
  tier.done();
}

}  // namespace

void read_tiers(MapReader& top, ReadSoFar& so_far) {
  const std::size_t before_all = so_far.diagnostics.size();
  std::vector<TierChoice>& choices = so_far.scenario.tiers;
  MapReader tiers = top.map("tiers", true);
  for (const std::string& name : tiers.names("tier")) {
    const std::size_t before = so_far.diagnostics.size();
    MapReader tier = tiers.map(name, true);
    choices.push_back({{.name = name}});
    read_tier(tier, so_far, choices.back());
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
