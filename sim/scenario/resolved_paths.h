#pragma once

#include <filesystem>

#include "sim/scenario/yaml/yaml_node.h"

namespace offcut::scenario {

/// Returns the resolved scenario as it is written into `folder`: files of the user's are named from
/// there, so that the folder may be moved together with them, and names the machine no longer.
YamlNode with_paths_from(YamlNode resolved, const std::filesystem::path& folder);

}  // namespace offcut::scenario
