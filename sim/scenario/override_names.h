#pragma once

#include <string>
#include <vector>

#include "sim/scenario/yaml/yaml_node.h"

namespace offcut::scenario {

/// Returns the error that an override changes a value of a tier, model, class or the like that the
/// scenario does not have: its name is misspelt, and a new entry would be incomplete. Empty if
/// there is no such error; an override may add a whole entry.
std::string reason_unknown_name(const YamlNode& scenario, const std::vector<std::string>& keys);

}  // namespace offcut::scenario
