#pragma once

#include <string>

#include "sim/scenario/yaml/map_reader.h"

namespace offcut::scenario {

/// Returns the path of the file `name`, which is looked for beside the scenario and in offcut's own
/// data; empty, with an error at the key, if there is no such file.
std::string named_file(MapReader& reader, const std::string& key, const std::string& name,
                       const std::string& scenario);

/// The same of a name at this place, with the path of its key for messages.
std::string named_file(std::vector<Diagnostic>& diagnostics, const Place& place,
                       const std::string& key_path, const std::string& name,
                       const std::string& scenario);
/// Returns the file's name as a resolved scenario has it: in offcut's own data, or else its
/// absolute path, see resolved_paths.h.
YamlNode resolved_file_name(const std::string& path);

/// Returns the path of the file that the key names. In the resolved scenario, it is the file's name
/// in offcut's own data, or else its absolute path, see resolved_paths.h.
std::string existing_file(MapReader& reader, const std::string& key, const std::string& scenario);
/// The same of a parameter.
std::string existing_file(MapReader& reader, const ParameterSpec& spec,
                          const std::string& scenario);

}  // namespace offcut::scenario
