#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/engine/simulation.h"

namespace offcut::analysis {

/// A tier, or the links of one direction, with its verdict.
struct JudgedResource {
  std::string name;  // "edge", "device-edge up", or of uplinks "device-edge site up".
  engine::Verdict verdict = engine::Verdict::stable;
  /// Its offered load, for a tier with the loading of models and cold starts; if only some of its
  /// links or queues are overloaded, that of the worst one.
  double load = 0;
  std::size_t parts = 1;             // Its parallel links or queues.
  std::int64_t parts_saturated = 0;  // Those that are overloaded by themselves.
  std::int64_t most = 0;             // Requests or messages that waited for one part at once.
  std::int64_t left = 0;             // Those that were there when the run was stopped.
  std::int64_t stranded = 0;         // Those that then waited for it to come up.
  const engine::TierUsage* tier = nullptr;  // Null for links.
};

/// Returns the tiers and links of the run that are not stable, the highest load first.
std::vector<JudgedResource> saturated_resources(const engine::RunRecord& record);

/// Returns the worst verdict of all tiers and links.
engine::Verdict verdict(const engine::RunRecord& record);

/// Returns the resource with the highest offered load among those that are not stable; none if all
/// are.
std::optional<JudgedResource> bottleneck(const engine::RunRecord& record);

/// Returns "stable", "backlogged" or "overloaded".
const char* verdict_text(engine::Verdict verdict);

}  // namespace offcut::analysis
