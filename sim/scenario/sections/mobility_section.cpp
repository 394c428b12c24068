// Reads the movement of the devices and what handovers do to their requests. The model of the
// movement checks its own moves, files and maps; here it is checked whether devices can move at
// all.

#include "sim/scenario/sections/mobility_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "sim/scenario/sections/named_file.h"

namespace offcut::scenario {
namespace {

constexpr KeySpec kMove[] = {
    {.name = "at",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = {0, kMostSeconds},
     .doc = "The time at which the handover begins. At 0 s, the device starts there, without one.",
     .example = "moves: [{at: 10 s, device: 0, to: 1}]"},
    {.name = "device",
     .kind = ValueKind::whole,
     .bounds = {0, kMostMachines - 1},
     .doc = "The number of the device, as in requests.csv. The first is 0.",
     .example = "moves: [{at: 10 s, device: 0, to: 1}]"},
    {.name = "to",
     .kind = ValueKind::whole,
     .bounds = {0, kMostMachines - 1},
     .doc = "The number of the site to which it moves. The first is 0.",
     .example = "moves: [{at: 10 s, device: 0, to: 1}]"},
};
constexpr KeyTable kMoveKeys{.doc = "One move.", .keys = kMove};

constexpr KeySpec kBackbone[] = {
    {.name = "bandwidth",
     .kind = ValueKind::number,
     .dimension = Dimension::bandwidth,
     .bounds = {.least = 1},
     .doc = "The bandwidth between any two sites. Transfers do not share it.",
     .example = "backbone: {bandwidth: 1 Gbit/s, latency: 5 ms}"},
    {.name = "latency",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = {0, kMostSeconds},
     .fallback = "0 s",
     .doc = "The latency of a transfer.",
     .example = "backbone: {bandwidth: 1 Gbit/s, latency: 5 ms}"},
};
constexpr KeyTable kBackboneKeys{.doc = "The links between sites, for handovers.",
                                 .keys = kBackbone};

constexpr KeySpec kMobility[] = {
    {.name = "kind",
     .kind = ValueKind::name,
     .noun = "kind of mobility",
     .registry = "mobility",
     .doc = "The model of the movement. Its parameters stand beside it.",
     .example = "mobility: {kind: trace, file: moves.csv}"},
    {.name = "group",
     .kind = ValueKind::name,
     .noun = "group of devices",
     .absent = "all devices",
     .doc = "The group of devices that moves.",
     .example = "group: device"},
    {.name = "moves",
     .lists = Lists::only,
     .below = &kMoveKeys,
     .absent = "required with `kind: schedule`",
     .doc = "The moves, in the order of time.",
     .example = "moves: [{at: 10 s, device: 0, to: 1}]"},
    {.name = "interruption",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = {0, kMostSeconds},
     .fallback = "0 s",
     .doc = "The time of a handover, for which the device's link carries nothing.",
     .example = "interruption: 50 ms"},
    {.name = "under-way",
     .kind = ValueKind::choice,
     .choices = "follow, finish, drop",
     .noun = "treatment",
     .fallback = "follow",
     .doc = "The treatment of requests under way when their device moves. `follow`: a request that "
            "waits at the old site is sent to the new one over the backbone, and so is an answer. "
            "`finish`: the old site computes it, and its answer comes over the backbone. Both send "
            "a message on the device's link again. `drop`: requests whose message is on the "
            "device's link, or which are at the old site, are dropped.",
     .example = "under-way: finish"},
    {.name = "state",
     .kind = ValueKind::number,
     .dimension = Dimension::data,
     .bounds = {0, 1e15},
     .fallback = "0 B",
     .doc = "The state of a device's session, which crosses the backbone from the beginning of a "
            "handover to another site. The new site serves no request of it before that.",
     .example = "state: 2 MB"},
    {.name = "models",
     .kind = ValueKind::choice,
     .choices = "there, pulled",
     .noun = "rule",
     .fallback = "there",
     .doc = "Whether each site has the weights of all models, or only those of the devices that "
            "start there. Then it pulls others over the backbone, once each, when a first request "
            "needs them; requests wait.",
     .example = "models: pulled"},
    {.name = "backbone",
     .below = &kBackboneKeys,
     .absent = "transfers take no time",
     .doc = "The links between sites, over which requests, answers, states and models move.",
     .example = "backbone: {bandwidth: 1 Gbit/s, latency: 5 ms}"},
};

/// Reads the moves of a schedule.
std::vector<network::StatedMove> read_moves(MapReader& reader, const std::string& kind) {
  const YamlNode* list = reader.raw("moves");
  if (list == nullptr) {
    reader.missing({"moves"},
                   fmt::format("'{}.moves' is missing: 'kind: {}' needs it", reader.path(), kind));
    return {};
  }
  if (list->kind != YamlNode::Kind::sequence) {
    reader.error("moves", fmt::format("expected a list such as [{{at: 10 s, device: 0, to: 1}}], "
                                      "got {}",
                                      describe(*list)));
    return {};
  }
  std::vector<network::StatedMove> moves;
  for (MapReader& item : reader.maps("moves")) {
    network::StatedMove& move = moves.emplace_back();
    move.time = item.quantity<Seconds>("at");
    move.device = item.count("device");
    move.place = item.count("to");
    move.time_at = item.place("at");
    move.device_at = item.place("device");
    move.place_at = item.place("to");
    item.done();
  }
  return moves;
}

/// Returns the reason why no device can move; empty: some can.
std::string reason_none_moves(const Scenario& scenario, const network::Attachment& attachment,
                              const std::vector<network::MovingGroup>& groups) {
  if (!scenario.own_links) {
    return "SimGrid's routes are fixed: expected 'engine.own-links' to be true";
  }
  for (const HopChoice& hop : scenario.hops) {
    if (hop.direct) {
      return fmt::format("devices with direct hops can't move: expected no {}", hop.section);
    }
  }
  if (std::none_of(groups.begin(), groups.end(), [](const network::MovingGroup& group) {
        return group.moves && group.places > 1;
      })) {
    return fmt::format(
        "there is one site, so that devices can't move: expected 'sites' in tiers.{}, "
        "or 'site' in {}",
        scenario.tiers[scenario.groups].name, scenario.hops.front().section);
  }
  for (std::size_t tier = scenario.groups; tier < scenario.tiers.size(); ++tier) {
    for (std::size_t group = 0; group < scenario.groups; ++group) {
      if (attachment.splits_place(tier, group)) {
        return fmt::format(
            "the devices of one site belong to several sites of {}: expected numbers of devices "
            "per site of which one divides the other",
            in_quotes(scenario.tiers[tier].name));
      }
    }
  }
  return "";
}

/// Returns the groups of devices; all move, or the one that is named.
std::vector<network::MovingGroup> groups_of(const Scenario& scenario,
                                            const network::Attachment& attachment,
                                            const std::optional<std::string>& name) {
  std::vector<network::MovingGroup> groups;
  for (std::size_t group = 0; group < scenario.groups; ++group) {
    groups.push_back({.name = scenario.tiers[group].name,
                      .first = attachment.first_device(group),
                      .devices = scenario.tiers[group].servers,
                      .places = attachment.places(group),
                      .moves = !name || *name == scenario.tiers[group].name});
  }
  return groups;
}

std::optional<std::string> read_group(MapReader& reader, const Scenario& scenario) {
  if (reader.raw("group") == nullptr) {
    return std::nullopt;
  }
  std::vector<std::string> names;
  for (std::size_t group = 0; group < scenario.groups; ++group) {
    names.push_back(scenario.tiers[group].name);
  }
  return reader.one_of("group", names);
}

/// Makes the movement, unless it or the scenario so far is invalid.
void make_movement(MapReader& reader, const network::MobilityKind& kind,
                   network::MobilityInput input, const std::optional<std::string>& group,
                   ReadSoFar& so_far) {
  Scenario& scenario = so_far.scenario;
  const network::Attachment attachment =
      engine::attachment_of(scenario.tiers, scenario.hops, scenario.groups);
  input.groups = groups_of(scenario, attachment, group);
  if (const std::string reason = reason_none_moves(scenario, attachment, input.groups);
      !reason.empty()) {
    so_far.diagnostics.push_back({reader.place(""), fmt::format("mobility: {}", reason)});
    return;
  }
  try {
    scenario.mobility->movement = kind.make(input);
  } catch (const InputError& error) {
    for (Diagnostic diagnostic : error.diagnostics()) {
      diagnostic.message = (kind.takes_moves ? "mobility.moves." : "") + diagnostic.message;
      so_far.diagnostics.push_back(std::move(diagnostic));
    }
  } catch (const std::invalid_argument& error) {
    const std::string text = error.what();
    const std::size_t colon = text.find(": ");
    reader.error(text.substr(0, colon), text.substr(colon + 2));
  }
}

void read_handover(MapReader& reader, engine::Mobility& mobility) {
  using UnderWay = engine::Mobility::UnderWay;
  mobility.interruption = reader.quantity<Seconds>("interruption");
  const auto under_way = reader.choice("under-way");
  mobility.under_way = under_way == "finish" ? UnderWay::finish
                       : under_way == "drop" ? UnderWay::drop
                                             : UnderWay::follow;
  mobility.state = reader.quantity<Bytes>("state");
  mobility.pulls_models = reader.choice("models") == "pulled";
  if (reader.raw("backbone") != nullptr) {
    MapReader backbone = reader.map("backbone");
    mobility.backbone = backbone.quantity<BytesPerSecond>("bandwidth");
    mobility.latency = backbone.quantity<Seconds>("latency");
    backbone.done();
  }
}

}  // namespace

constinit const KeyTable kMobilityKeys{
    .doc =
        "The movement of devices between sites. A site is an uplink, or if the first hop has no "
        "`site`, a site of the later tier that has the most.",
    .keys = kMobility};

void read_mobility(MapReader& top, ReadSoFar& so_far) {
  Scenario& scenario = so_far.scenario;
  if (top.raw("mobility") == nullptr) {
    return;
  }
  const bool valid = so_far.tiers_valid && so_far.diagnostics.empty();
  if (so_far.tiers_known && scenario.tiers.size() <= scenario.groups) {
    top.error("mobility", "there is one tier, so that devices can't move");
    return;
  }
  MapReader reader = top.map("mobility");
  const std::size_t before = so_far.diagnostics.size();
  scenario.mobility.emplace();
  network::MobilityInput input;
  const auto name = reader.one_of("kind", so_far.registries.mobility.names());
  const network::MobilityKind* kind = nullptr;
  if (name) {
    kind = so_far.registries.mobility.find(*name);
    input.parameters = reader.parameters(kind->parameters);
    for (const ParameterSpec& spec : kind->parameters) {
      if (spec.is_file) {
        input.parameters.set(spec.name, existing_file(reader, spec, scenario.path));
      }
    }
    if (kind->takes_moves) {
      input.moves = read_moves(reader, *name);
    } else {
      reader.reject("moves",
                    fmt::format("'kind: {}' takes no moves: expected 'kind: schedule'", *name));
    }
  } else if (reader.has("kind")) {
    reader.ignore_rest();
  }
  const auto group = read_group(reader, scenario);
  read_handover(reader, *scenario.mobility);
  reader.done();
  if (kind != nullptr && valid && so_far.diagnostics.size() == before) {
    make_movement(reader, *kind, std::move(input), group, so_far);
  }
}

}  // namespace offcut::scenario
