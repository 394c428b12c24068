#pragma once

#include <string>

#include "sim/scenario/yaml/map_reader.h"

namespace offcut::scenario {

/// The path of the file that a key's value names, looked for beside the scenario and in offcut's
/// own data; empty, and an error at the key, where there is no such file.
std::string named_file(MapReader& reader, const std::string& key, const std::string& name,
                       const std::string& scenario);

/// The file that the text below the key names; it becomes an absolute path in the resolved
/// scenario.
std::string existing_file(MapReader& reader, const std::string& key, const std::string& scenario);

}  // namespace offcut::scenario
