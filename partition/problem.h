#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "partition/accuracy_table.h"
#include "partition/cost_table.h"

namespace offcut {
class Graph;  // models/graph/graph.h
}  // namespace offcut

namespace offcut::partition {

/// The objective that a plan minimises: a weighted sum of these terms of one request's cost. By
/// default, it is the latency.
struct Objective {
  double latency = 1;     // Per second.
  double energy = 0;      // Per joule that the device uses.
  double money = 0;       // Per unit of currency.
  double bottleneck = 0;  // Per second of the longest stage, see Cost.

  /// Returns whether it is a sum over layers and tensors, as all terms but the longest stage are.
  bool is_linear() const { return bottleneck == 0; }
  bool operator==(const Objective&) const = default;
};

/// The limits that a plan must keep.
struct Limits {
  std::vector<std::optional<Bytes>> memory;  // Per tier; empty: no limits.
  std::optional<Seconds> deadline;           // The longest allowed latency.
  /// Layers that run on the device, ascending, together with all layers that they depend on.
  std::vector<LayerId> pinned;
};

struct Goal {
  Objective objective;
  Limits limits;
};

/// Devices that differ from the first tier's and have their own links to the second tier, for
/// algorithms that plan for several users.
struct DeviceClass {
  std::string name;
  std::size_t count = 1;
  std::vector<Seconds> seconds;  // Per layer.
  Hop hop;
  Seconds per_request = {};  // See CostTable::per_request.
  RadioOverhead radio = {};
};

/// The probability and accuracy of answers at one of a network's outputs, as far as they are known.
struct ExitStatistics {
  std::string output;                   // The tensor.
  std::optional<double> leaves = {};    // Share of the requests that reach it and end there.
  std::optional<double> accuracy = {};  // Their share of correct answers.
};

/// Input that only some algorithms take into account; each declares its own (see Takes).
struct Extras {
  const Graph* graph = nullptr;           // The network, for splitting layers; may be null.
  std::string model = {};                 // Its name in results.
  std::string group = {};                 // The group of devices; empty: there are no others.
  std::string device_tier = {};           // The first tier's name in files without groups.
  AccuracyTable accuracy = {};            // Losses of candidate codings; empty without candidates.
  std::size_t devices = 1;                // Of the first tier.
  std::vector<DeviceClass> classes = {};  // Users beside the first tier's devices.
  std::vector<ExitStatistics> exits = {};
};

/// Which plans count if the tiers of a problem are the stops of a larger one: see stops.h.
struct StopRule {
  bool is_kept = false;  // Plans that break the rule don't count.
  /// [tier][tier]: whether the second one may be the next with layers after the first one. Empty:
  /// it always may.
  std::vector<std::vector<bool>> may_follow = {};
  /// Per tier: without layers of its own, it must not come before one with layers.
  std::vector<bool> is_required = {};
  double enough = std::numeric_limits<double>::infinity();  // Dearer plans are of no interest.

  bool allows(std::size_t tier, std::size_t next) const {
    return !is_kept || tier == next || may_follow[tier][next];
  }
};

/// The problem of choosing a tier for each layer, so that the objective of one request in an idle
/// system is least.
///
/// Invariants beside the cost table's (check() throws std::logic_error):
/// 1. Weights are finite and not negative.
/// 2. Limits are consistent: all layers that a pinned layer depends on are pinned, and none of them
/// is in the tail. A limit on memory needs the memory of each layer.
/// 3. Other classes of devices have times and a hop like those of the cost table. Exits are
/// outputs; their probabilities and accuracies are from 0 to 1.
struct Problem : CostTable {
  Goal goal = {};
  Extras extras = {};
  StopRule stops = {};  // Set by solve() alone.

  /// Returns the limit on what LayerMemory states, in float32, of the layers on a tier; none if
  /// the tier has no limit.
  std::optional<Bytes> memory_limit(std::size_t tier) const {
    const auto& limits = goal.limits.memory;
    return limits.empty() || !limits[tier] ? std::nullopt
                                           : std::optional(*limits[tier] / memory_share_on(tier));
  }

  void check() const;
};

/// Returns the problem with these codecs: each named tensor keeps its coding if that has the
/// codec's name, and otherwise gets the candidate of that name. Throws std::logic_error if there is
/// none.
Problem with_codecs(Problem problem, const CodecOf& codecs);

}  // namespace offcut::partition
