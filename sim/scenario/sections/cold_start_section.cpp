#include "sim/scenario/sections/cold_start_section.h"

#include <fmt/format.h>

#include <algorithm>

namespace offcut::scenario {
namespace {

constexpr KeySpec kColdStart[] = {
    {.name = "time",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = {0, kMostSeconds},
     .doc = "The time until a cold machine serves. The request for which it starts waits for it.",
     .example = "cold-start: {time: 2 s}"},
    {.name = "idle-after",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = {0, kMostSeconds},
     .fallback = "10 min",
     .doc = "The time after which an idle machine is cold. At the start, machines are cold.",
     .example = "cold-start: {time: 2 s, idle-after: 5 min}"},
    {.name = "keep",
     .kind = ValueKind::whole,
     .bounds = {0, kMostMachines},
     .fallback = "0",
     .doc = "The number of machines of each site, the first ones, that are always warm.",
     .example = "cold-start: {time: 2 s, keep: 1}"},
};

}  // namespace

constinit const KeyTable kColdStartKeys{
    .doc = "The cold starts of a tier's machines, as of serverless functions.", .keys = kColdStart};

void read_cold_start(MapReader& tier, const ReadSoFar& so_far, TierChoice& choice) {
  if (tier.raw("cold-start") == nullptr) {
    return;
  }
  const std::size_t before = so_far.diagnostics.size();
  MapReader reader = tier.map("cold-start");
  engine::ColdStart cold_start;
  cold_start.time = reader.quantity<Seconds>("time");
  cold_start.idle_after = reader.quantity<Seconds>("idle-after");
  cold_start.keep = reader.count("keep");
  reader.done();
  const bool is_device = so_far.scenario.tiers.size() <= so_far.scenario.groups;
  const std::vector<std::size_t> at_sites = engine::machines_at_sites(choice);
  const std::size_t most = is_device ? 1 : *std::min_element(at_sites.begin(), at_sites.end());
  if (so_far.diagnostics.size() == before && choice.count_known && cold_start.keep > most) {
    reader.error("keep", fmt::format("must be at most {}, the machines of a site, got {}", most,
                                     cold_start.keep));
  }
  if (so_far.diagnostics.size() == before) {
    choice.cold_start = cold_start;
  }
}

}  // namespace offcut::scenario
