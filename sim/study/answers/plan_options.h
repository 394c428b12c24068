#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "sim/experiment/experiment.h"
#include "sim/study/under_load/cut.h"

namespace offcut::study {

/// Plans of all models, as a scenario has them.
struct PlanOption {
  std::vector<Cut> cuts;            // By prepared model.
  std::string text;                 // For people: "multi-tier", "after pool2", "all on edge".
  std::vector<std::string> values;  // YAML, of the paths of plan_paths().
};

/// Returns the paths of the sections that choose the plans: `plan`, and with several models those
/// of their own plans, too.
std::vector<std::string> plan_paths(const scenario::Scenario& scenario);

/// Returns the scenario's own plans, made for an idle system, without text and values; none if one
/// is more than one assignment for all requests. Throws InputError if an algorithm declines or
/// fails.
std::optional<PlanOption> own_plan_option(const experiment::Experiment& experiment,
                                          const std::vector<partition::Plan>& own);

/// Returns the plans among which a system under load may choose, at most `most`, the scenario's own
/// first: the cuts of the pools that JointSearch fills (optima of one request that pays for the
/// time by which it delays others, or all cuts if there are few), those with the least latency,
/// energy and money in an idle system, and each tier alone. A cut counts if `fixed` can make it, so
/// that it can stand in a scenario, and if it keeps all limits. Of several models, combinations are
/// taken by few_changes(). `budget` is the time for the pools, as it is estimated. `root` is the
/// scenario as it is written. Throws InputError if an algorithm declines, fails or plans more than
/// one assignment.
std::vector<PlanOption> plan_options(const experiment::Experiment& experiment,
                                     const std::vector<partition::Plan>& own,
                                     const scenario::YamlNode& root,
                                     const scenario::Registries& registries, Seconds budget,
                                     std::size_t most);

}  // namespace offcut::study
