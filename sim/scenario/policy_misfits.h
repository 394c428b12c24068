#pragma once

#include <string>
#include <vector>

#include "sim/scenario/scenario.h"

namespace offcut::scenario {

/// A reason why the policies of a tier do not fit each other or the tier.
struct PolicyMisfit {
  std::string key;  // Of `scheduling.TIER`: "queue".
  std::string reason;
};

/// Returns the reasons why a tier can't have these policies; none if it can. A device is the first
/// tier.
std::vector<PolicyMisfit> policy_misfits(const TierChoice& tier,
                                         const scheduling::Scheduling& policies, bool is_device);

}  // namespace offcut::scenario
