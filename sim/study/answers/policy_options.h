#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sim/experiment/experiment.h"

namespace offcut::study {

/// Policies of all tiers, as a scenario has them.
struct PolicyOption {
  std::vector<scheduling::Scheduling> scheduling;  // By tier.
  std::string text;                                // For people; empty: all are the default.
  std::vector<std::string> values;                 // YAML, of the paths of policy_paths().
};

struct PolicyOptions {
  std::vector<PolicyOption> options;  // The scenario's own policies first.
  std::size_t changes = 0;            // The most policies that differ from the scenario's own.
  bool are_all = true;                // They are all combinations of the candidates.
};

/// Returns "scheduling.TIER" for each tier.
std::vector<std::string> policy_paths(const scenario::Scenario& scenario);

/// Returns the scenario's own policies.
PolicyOption own_policy_option(const experiment::Experiment& experiment);

/// Returns the combinations of candidate_policies() that fit the tiers and each other, by
/// few_changes(): at most `most`.
PolicyOptions policy_options(const experiment::Experiment& experiment,
                             const scenario::Registries& registries, std::size_t most);

}  // namespace offcut::study
