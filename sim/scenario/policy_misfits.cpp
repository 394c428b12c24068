// Checks which policies can work together on a tier. The reader of a scenario reports the reasons;
// a search for policies tries only those without one.

#include "sim/scenario/policy_misfits.h"

#include <fmt/format.h>

#include <algorithm>

namespace offcut::scenario {
namespace {

bool is_fitted(const TierChoice& tier) { return std::holds_alternative<FittedDevice>(tier.is); }

/// Returns whether machines of the tier have a memory for models.
bool has_model_memory(const TierChoice& tier) {
  const std::vector<engine::MachineGroup> machines = engine::groups_of(tier);
  return std::any_of(machines.begin(), machines.end(),
                     [](const engine::MachineGroup& group) { return group.memory.has_value(); });
}

}  // namespace

std::vector<PolicyMisfit> policy_misfits(const TierChoice& tier,
                                         const scheduling::Scheduling& policies, bool is_device) {
  std::vector<PolicyMisfit> misfits;
  const bool shares = policies.queue && policies.queue.kind->shares;
  if (policies.batching &&
      (is_fitted(tier) || std::any_of(tier.machines.begin(), tier.machines.end(), is_fitted))) {
    misfits.push_back(
        {"batch",
         "the times of 'fitted' are those of single requests: batches need a profile with "
         "several batch sizes, or a device whose figures give their times"});
  }
  if (policies.batching && shares) {
    misfits.push_back({"batch", fmt::format("under '{}' all requests are computed at once: there "
                                            "is nothing to batch",
                                            policies.queue.kind->name)});
  }
  if (is_device && policies.dispatch) {
    misfits.push_back(
        {"dispatch", "a device computes its own requests: there are no servers to choose from"});
  }
  if (shares && has_model_memory(tier)) {
    misfits.push_back({"queue", fmt::format("under '{}' all models must be in memory at once: "
                                            "remove 'tiers.{}.model-memory'",
                                            policies.queue.kind->name, tier.name)});
  }
  if (tier.cold_start && shares) {
    misfits.push_back({"queue", fmt::format("under '{}' machines have no cold starts: remove "
                                            "'tiers.{}.cold-start'",
                                            policies.queue.kind->name, tier.name)});
  }
  if (!is_device && tier.servers > tier.sites && shares && !policies.dispatch) {
    misfits.push_back({"queue", fmt::format("'{}' has no queue that several servers could share: "
                                            "they need a 'dispatch' rule",
                                            policies.queue.kind->name)});
  }
  return misfits;
}

}  // namespace offcut::scenario
