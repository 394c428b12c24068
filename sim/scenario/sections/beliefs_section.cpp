// Reads what planners believe: the errors of their estimates of layer times, bandwidths and loads,
// by the names of tiers and hops.

#include "sim/scenario/sections/beliefs_section.h"

#include <fmt/format.h>

namespace offcut::scenario {
namespace {

constexpr Bounds kBias{-0.99, 1e3};
constexpr Bounds kSpread{0, 10};

constexpr KeySpec kBelief[] = {
    {.name = "bias",
     .kind = ValueKind::number,
     .bounds = kBias,
     .fallback = "0",
     .doc = "The relative error of the estimate: planners see the true value times 1 + `bias`.",
     .example = "bias: -30 %"},
    {.name = "spread",
     .kind = ValueKind::number,
     .bounds = kSpread,
     .fallback = "0",
     .doc = "The coefficient of variation of a further lognormal factor of mean 1, which is drawn "
            "once: for each layer, hop or tier.",
     .example = "spread: 20 %"},
};
constexpr KeyTable kBeliefKeys{
    .doc = "The error of an estimate.", .keys = kBelief, .title = "Error of an estimate"};

constexpr KeySpec kKindErrors[] = {
    {.name = "KIND",
     .below = &kBeliefKeys,
     .absent = "as the tier's other layers",
     .doc = "The kind of the layers: `convolution`, `depthwise-convolution`, `dense`, `pooling`, "
            "`elementwise`, `normalization`, `data-movement`, `view`, or `table` for all layers of "
            "a layer table.",
     .example = "kinds: {dense: {bias: 50 %}}"},
};
constexpr KeyTable kKindErrorKeys{.doc = "The errors of the times of some kinds of layers.",
                                  .keys = kKindErrors};
constexpr KeySpec kKindsOfLayers[] = {
    {.name = "kinds",
     .below = &kKindErrorKeys,
     .absent = "none",
     .doc = "The errors for the kinds of layers that have others than the rest.",
     .example = "kinds: {dense: {bias: 50 %}}"},
};
constexpr KeyTable kLayerBeliefKeys{.doc = "The error of the times of a tier's layers.",
                                    .keys = kKindsOfLayers,
                                    .more = &kBeliefKeys};
constexpr KeySpec kLayersOfTiers[] = {
    {.name = "TIER",
     .below = &kLayerBeliefKeys,
     .absent = "none",
     .doc = "The tier, or group of devices, whose layers' times are misjudged.",
     .example = "layers: {edge: {bias: -50 %}}"},
};
constexpr KeyTable kLayersKeys{.doc = "The errors of the layers' times, by tier.",
                               .keys = kLayersOfTiers};
constexpr KeySpec kBandwidthErrors[] = {
    {.name = "HOP",
     .below = &kBeliefKeys,
     .absent = "none",
     .doc = "The hop whose bandwidths are misjudged, both directions alike.",
     .example = "bandwidth: {device-edge: {bias: 100 %}}"},
};
constexpr KeyTable kBandwidthKeys{.doc = "The errors of bandwidths, by hop.",
                                  .keys = kBandwidthErrors};
constexpr KeySpec kLoadErrors[] = {
    {.name = "TIER",
     .below = &kBeliefKeys,
     .absent = "none",
     .doc = "The tier whose load is misjudged.",
     .example = "load: {edge: {bias: 200 %}}"},
};
constexpr KeyTable kLoadErrorKeys{.doc = "The errors of loads, by tier.", .keys = kLoadErrors};

constexpr KeySpec kBeliefs[] = {
    {.name = "layers",
     .below = &kLayersKeys,
     .absent = "the true times",
     .doc = "The times of layers. Batches take the true ones.",
     .example = "layers: {edge: {bias: -50 %, kinds: {dense: {bias: 50 %}}}}"},
    {.name = "bandwidth",
     .below = &kBandwidthKeys,
     .absent = "the true bandwidths",
     .doc = "The bandwidths of hops, before a device has measured its own.",
     .example = "bandwidth: {device-edge: {bias: 100 %}}"},
    {.name = "load",
     .below = &kLoadErrorKeys,
     .absent = "idle servers",
     .doc = "The load of tiers, the factor by which planners believe that all of their work takes "
            "longer than on idle machines. Its true value is 1.",
     .example = "load: {edge: {bias: 200 %}}"},
};

Belief read_belief(MapReader& reader) {
  return {.bias = reader.number("bias"), .spread = reader.number("spread")};
}

/// Reads the map of a tier or a hop; the truth where there is none.
Belief belief_of(MapReader& reader, const std::string& name) {
  if (reader.raw(name) == nullptr) {
    return {};
  }
  MapReader map = reader.map(name);
  const Belief belief = read_belief(map);
  map.done();
  return belief;
}

LayerBelief layer_belief_of(MapReader& layers, const std::string& tier) {
  LayerBelief belief;
  if (layers.raw(tier) == nullptr) {
    return belief;
  }
  MapReader map = layers.map(tier);
  belief.all = read_belief(map);
  if (map.raw("kinds") != nullptr) {
    MapReader kinds = map.map("kinds");
    for (std::size_t i = 0; i < kLayerKinds; ++i) {
      const auto kind = static_cast<LayerKind>(i);
      const std::string name(to_text(kind));
      if (kinds.raw(name) != nullptr) {
        belief.kinds[kind] = belief_of(kinds, name);
      }
    }
    kinds.done();
  }
  map.done();
  return belief;
}

}  // namespace

constinit const KeyTable kBeliefsKeys{
    .doc = "The errors of planners' estimates. Without an entry, an estimate is true.",
    .keys = kBeliefs};

void read_beliefs(MapReader& top, ReadSoFar& so_far) {
  if (top.raw("beliefs") == nullptr) {
    return;
  }
  Scenario& scenario = so_far.scenario;
  Beliefs beliefs{.place = top.place("beliefs")};
  MapReader reader = top.map("beliefs");
  MapReader layers = reader.map("layers");
  MapReader load = reader.map("load");
  for (const TierChoice& tier : scenario.tiers) {
    beliefs.layers.push_back(layer_belief_of(layers, tier.name));
    beliefs.load.push_back(belief_of(load, tier.name));
  }
  MapReader bandwidth = reader.map("bandwidth");
  for (const HopChoice& hop : scenario.hops) {
    beliefs.bandwidth.push_back(belief_of(bandwidth, hop.name));
  }
  if (!so_far.tiers_known) {
    layers.ignore_rest();
    load.ignore_rest();
    bandwidth.ignore_rest();
  }
  layers.done();
  load.done();
  bandwidth.done();
  reader.done();
  if (scenario.under_load) {
    so_far.diagnostics.push_back(
        {beliefs.place,
         "beliefs: plans under load are checked by runs with the true times: expected no "
         "'plan.under: load'"});
  }
  if (moves_between_uplinks(scenario)) {
    top.error("beliefs",
              "regret counts with the uplink of each device at the start: expected no "
              "'site' of the first hop, or no 'mobility'");
  }
  for (const ModelChoice& model : scenario.models) {
    if (!model.plan.exits.empty()) {
      top.error("beliefs", fmt::format("the shares of exits are true: expected no '{}'",
                                       model.plan.path_of("exits")));
    }
  }
  scenario.beliefs = std::move(beliefs);
}

}  // namespace offcut::scenario
