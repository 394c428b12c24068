#pragma once

#include "sim/scenario/scenario.h"
#include "sim/scenario/yaml/map_reader.h"

namespace offcut::scenario {

inline constexpr std::string_view kObjectives = "latency, energy, money, throughput";
extern const KeyTable kWeightKeys;  // Of `objective` as a map.
extern const KeyTable kLimitKeys;

/// Reads `objective` and `limits` of a section `plan`, that of `models`, into `choice`.
/// REQUIRES: scenario.tiers and hops are read.
void read_goal(MapReader& plan, const Scenario& scenario,
               const std::vector<const ModelChoice*>& models, PlanChoice& choice);

}  // namespace offcut::scenario
