#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/runtime/node/computer.h"
#include "sim/runtime/node/node.h"
#include "sim/scenario/scenario.h"
#include "sim/workload/arrivals.h"

namespace offcut::study {

/// All that a process needs to be a tier of a real system.
struct ServedNode {
  runtime::NodeSettings settings;
  runtime::Workers::Settings workers;
  std::shared_ptr<const Graph> network;  // For drawn inputs. Null: they are drawn for the part.
  std::vector<std::string> hops;         // The hops' names. Empty: they follow from the tiers'.
  bool needs_next = false;               // The plan uses a later tier.
  /// The requests of a scenario; null: a load must be given.
  std::shared_ptr<const workload::Arrivals> arrivals;
  bool closed_loop = false;
  std::optional<std::int64_t> requests;
  std::uint64_t seed = 1;
  std::optional<runtime::CutAdaptation> adaptation;  // None: all requests follow cut 0.
  std::string scenario;                              // Its file; empty: the parts are from files.
  std::vector<std::string> codecs;    // By cut: that of the tensors which cross; empty: none.
  std::shared_ptr<const void> owner;  // Of what the settings refer to.
};

/// Makes a node of one file for each cut, all of them of one tier, and maybe the whole network.
/// Throws InputError as load_model() does.
ServedNode served_files(const std::vector<scenario::ModelChoice>& parts,
                        const std::optional<scenario::ModelChoice>& whole, const std::string& tier,
                        const scenario::Registries& registries);

/// Makes the node of a tier of a scenario, under the plan of its model. `tier` is the tier's name.
/// After the plan, more cuts are loaded: each names the last layer of every tier but the last one.
/// Throws InputError as read_experiment() and own_plans() do, if the scenario has no such tier, and
/// for what a real system can't follow.
ServedNode served_scenario(const std::string& path,
                           const std::vector<scenario::Override>& overrides,
                           const std::vector<std::string>& cuts, const std::string& tier,
                           const scenario::Registries& registries);

/// Returns the tier of a file of `offcut split`: "cloud" of "parts/1-cloud.onnx".
std::string tier_of_file(const std::string& file);

}  // namespace offcut::study
