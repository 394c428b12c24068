#pragma once

#include <string>

#include "sim/scenario/yaml/yaml_node.h"
#include "sim/scheduling/scheduling.h"

namespace offcut::scenario {

/// Returns a policy with its parameters as a scenario has them, in SI units: "edf", or "{policy:
/// timeout, max: 8, delay: 0.002 s}". Without a policy, it is `none`.
template <class Kind>
YamlNode policy_node(const scheduling::Choice<Kind>& choice, const std::string& none = "none");

/// Returns the same for people: "timeout (max 8, delay 2 ms)".
template <class Kind>
std::string policy_text(const scheduling::Choice<Kind>& choice, const std::string& none = "none");

/// Returns the policies of a tier as `scheduling.TIER` of a scenario has them.
YamlNode policies_node(const scheduling::Scheduling& policies);

/// Returns the policies of a tier for people, without those that are the default: "queue edf, batch
/// timeout (max 8, delay 2 ms)". Empty if all are.
std::string policies_text(const scheduling::Scheduling& policies);

}  // namespace offcut::scenario
