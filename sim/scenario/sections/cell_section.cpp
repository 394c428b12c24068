// Reads Wi-Fi cells. A byte takes 1 / rate at the rate of its station, and its part of the overhead
// of a frame; the inverse of both together is the rate of a station that is alone in its cell.

#include "sim/scenario/sections/cell_section.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/scenario/yaml/map_reader.h"

namespace offcut::scenario {
namespace {

constexpr KeySpec kCell[] = {
    {.name = "overhead",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = {0, 1},
     .doc = "The time that a frame takes beside its bytes: back-off, gaps, preamble and "
            "acknowledgement.",
     .example = "cell: {overhead: 800 us}"},
    {.name = "frame",
     .kind = ValueKind::number,
     .dimension = Dimension::data,
     .bounds = {1, 1e6},
     .fallback = "1500 B",
     .doc = "The bytes of a frame, headers included. All stations of a cell send equal frames.",
     .example = "cell: {overhead: 800 us, frame: 1500 B}"},
    {.name = "directions",
     .kind = ValueKind::choice,
     .choices = "shared, separate",
     .noun = "use of the medium",
     .fallback = "shared",
     .doc = "Whether messages up and down share the medium, or each direction has one of its own.",
     .example = "cell: {overhead: 800 us, directions: separate}"},
    {.name = "medium",
     .kind = ValueKind::text,
     .fallback = "cell",
     .doc = "The name of the medium. Groups of devices with the same name share it.",
     .example = "cell: {overhead: 800 us, medium: hall}"},
    {.name = "stations",
     .kind = ValueKind::number,
     .dimension = Dimension::bandwidth,
     .bounds = {.least = 1},
     .lists = Lists::also,
     .absent = "`up` and `down` of the link, for each device",
     .doc = "The rates of stations in both directions, which are dealt to the devices in turn. "
            "Plans count with the mean.",
     .example = "cell: {overhead: 800 us, stations: [11 Mbit/s, 11 Mbit/s, 1 Mbit/s]}"},
};

/// Reads a list of rates, or one.
std::vector<BytesPerSecond> read_stations(MapReader& cell) {
  std::vector<BytesPerSecond> rates;
  const YamlNode* node = cell.raw("stations");
  if (node == nullptr) {
    return rates;
  }
  if (node->kind == YamlNode::Kind::sequence && node->items.empty()) {
    cell.error("stations", "expected at least one rate");
  }
  const ParameterSpec list{
      .name = "stations", .dimension = Dimension::bandwidth, .is_list = true, .least = 1};
  const Parameters parameters = cell.parameters({list});
  for (const double rate : parameters.list("stations")) {
    rates.emplace_back(rate);
  }
  return rates;
}

}  // namespace

constinit const KeyTable kCellKeys{
    .doc =
        "A Wi-Fi cell, whose airtime its stations share frame by frame: each active station "
        "sends as many frames as any other, whatever its rate. The devices at one site share a "
        "cell.",
    .keys = kCell};

void read_cell(MapReader& reader, const TierChoice* devices, HopChoice& hop) {
  if (reader.raw("cell") == nullptr) {
    return;
  }
  if (devices == nullptr) {
    reader.error("cell", "only the first hop, from the devices to the next tier, can be a cell");
    return;
  }
  const char* other = hop.shared       ? "shared"
                      : hop.site       ? "site"
                      : hop.trace      ? "trace"
                      : hop.rate_model ? "rates"
                                       : nullptr;
  if (other != nullptr) {
    reader.error("cell", fmt::format("give 'cell' or '{}', not both", other));
  }
  MapReader cell = reader.map("cell");
  hop.frame = cell.quantity<Bytes>("frame");
  const Seconds per_byte = cell.quantity<Seconds>("overhead") / hop.frame.si();
  const auto alone = [per_byte](BytesPerSecond rate) {
    return rate > BytesPerSecond(0) ? BytesPerSecond(1 / (per_byte.si() + 1 / rate.si())) : rate;
  };
  hop.cell.emplace();
  hop.cell->separate = cell.choice("directions") == "separate";
  hop.medium = cell.text("medium");
  std::vector<BytesPerSecond> stations = read_stations(cell);
  hop.hop.up = alone(hop.hop.up);
  hop.hop.down = alone(hop.hop.down);
  std::vector<network::Rate> rates;
  for (std::size_t i = 0; !stations.empty() && i < devices->servers; ++i) {
    rates.emplace_back(alone(stations[i % stations.size()]) * hop.hop.payload);
  }
  if (!rates.empty()) {
    const network::Rates of_stations(std::move(rates));
    hop.hop.up = hop.hop.down = BytesPerSecond(of_stations.mean(0, 0) / hop.hop.payload);
    hop.moving_rates = {.up = of_stations, .down = of_stations};
  }
  cell.done();
}

void number_cells(ReadSoFar& so_far) {
  Scenario& scenario = so_far.scenario;
  std::vector<const HopChoice*> media;  // The first hop of each.
  for (std::size_t number = 0; number < scenario.hops.size(); ++number) {
    HopChoice& hop = scenario.hops[number];
    if (!hop.cell) {
      continue;
    }
    const auto found = std::find_if(media.begin(), media.end(), [&](const HopChoice* other) {
      return other->medium == hop.medium;
    });
    hop.cell->medium = static_cast<std::size_t>(found - media.begin());
    if (found == media.end()) {
      media.push_back(&hop);
    } else if ((*found)->frame != hop.frame || (*found)->cell->separate != hop.cell->separate) {
      so_far.diagnostics.push_back(
          {hop.place, fmt::format("{}.cell: other devices are in the medium '{}', with another "
                                  "'frame' or other 'directions': expected the same, or a 'medium' "
                                  "of its own",
                                  hop.section, hop.medium)});
    }
    const std::optional<network::Rates>& dealt = hop.moving_rates.up;
    if (number < scenario.groups && dealt && !dealt->covers(scenario.tiers[number].servers)) {
      so_far.diagnostics.push_back(
          {hop.place, fmt::format("{}.cell: the groups have unlike numbers of devices, to which "
                                  "'stations' can't be dealt together: expected 'stations' in the "
                                  "'network' of each group",
                                  hop.section)});
    }
    for (std::size_t tier = scenario.groups; tier + 1 < scenario.tiers.size(); ++tier) {
      if (scenario.tiers[tier].forwards_packets) {
        so_far.diagnostics.push_back(
            {hop.place, fmt::format("{}.cell: no packets pass a tier after a cell: expected "
                                    "'forwarding: messages' in tiers.{}",
                                    hop.section, scenario.tiers[tier].name)});
        return;
      }
    }
  }
}

}  // namespace offcut::scenario
