#pragma once

#include <string>
#include <vector>

#include "sim/scenario/scenario.h"
#include "sim/scenario/yaml/yaml_node.h"

namespace offcut::scenario {

/// Puts the value of an override into a scenario: see set_path(). Where it names another entry of a
/// registry than the file does, such as `training.data.split`, the parameters of the file's entry
/// that the new one lacks are removed: they mean nothing beside it. Those that options gave stay,
/// and are errors. Throws InputError as set_path() does.
void apply_override(YamlNode& scenario, const Override& change, const std::string& file,
                    const Registries& registries);

}  // namespace offcut::scenario
