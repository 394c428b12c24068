// Combines the candidate policies of all tiers, those with the fewest changes first.

#include "sim/study/answers/policy_options.h"

#include <fmt/format.h>

#include "sim/scenario/policy_misfits.h"
#include "sim/scenario/policy_text.h"
#include "sim/study/answers/few_changes.h"
#include "sim/study/under_load/policy_candidates.h"

namespace offcut::study {
namespace {

PolicyOption option_of(const scenario::Scenario& scenario,
                       std::vector<scheduling::Scheduling> scheduling) {
  PolicyOption option{.scheduling = std::move(scheduling)};
  for (std::size_t tier = 0; tier < scenario.tiers.size(); ++tier) {
    const scheduling::Scheduling& policies = option.scheduling[tier];
    option.values.push_back(scenario::to_yaml_line(scenario::policies_node(policies)));
    if (const std::string text = scenario::policies_text(policies); !text.empty()) {
      option.text +=
          fmt::format("{}{}: {}", option.text.empty() ? "" : "; ", scenario.tiers[tier].name, text);
    }
  }
  return option;
}

bool fits(const scenario::Scenario& scenario,
          const std::vector<scheduling::Scheduling>& scheduling) {
  for (std::size_t tier = 0; tier < scheduling.size(); ++tier) {
    if (!scenario::policy_misfits(scenario.tiers[tier], scheduling[tier], tier < scenario.groups)
             .empty()) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::vector<std::string> policy_paths(const scenario::Scenario& scenario) {
  std::vector<std::string> paths;
  for (const scenario::TierChoice& tier : scenario.tiers) {
    paths.push_back(fmt::format("scheduling.{}", tier.name));
  }
  return paths;
}

PolicyOption own_policy_option(const experiment::Experiment& experiment) {
  std::vector<scheduling::Scheduling> own;
  for (const scenario::TierChoice& tier : experiment.scenario.tiers) {
    own.push_back(tier.scheduling);
  }
  return option_of(experiment.scenario, std::move(own));
}

PolicyOptions policy_options(const experiment::Experiment& experiment,
                             const scenario::Registries& registries, std::size_t most) {
  const std::vector<TierPolicies> candidates = candidate_policies(experiment, registries);
  std::vector<std::size_t> alternatives;
  for (const TierPolicies& tier : candidates) {
    each_kind([&](auto list, auto) { alternatives.push_back((tier.*list).size()); });
  }
  const FewChanges few = few_changes(alternatives, most);
  PolicyOptions result{.changes = few.changes, .are_all = few.are_all};
  for (const std::vector<std::size_t>& choice : few.choices) {
    std::vector<scheduling::Scheduling> scheduling(candidates.size());
    std::size_t part = 0;
    for (std::size_t tier = 0; tier < candidates.size(); ++tier) {
      each_kind([&](auto list, auto kind) {
        scheduling[tier].*kind = (candidates[tier].*list)[choice[part++]];
      });
    }
    if (fits(experiment.scenario, scheduling)) {
      result.options.push_back(option_of(experiment.scenario, std::move(scheduling)));
    }
  }
  return result;
}

}  // namespace offcut::study
