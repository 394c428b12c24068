#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/scenario/yaml/yaml_node.h"

namespace offcut::scenario {

/// A key of an entry of a section, such as {"tiers", "edge", "noise"}, with its new value in YAML
/// and a comment, which gets lines of its own before it.
struct EditedKey {
  std::string section, entry, key;
  std::string value;
  std::string comment;
};

/// Returns the text of a scenario file with other values. All else stays: the order, comments, and
/// the form of the file, except for a section or an entry on one line that gets a new value, which
/// is written in block form. Names of files beside the scenario are changed to lead there from
/// `folder`, in which the text will stand: `resolved` tells which texts are files. Throws
/// InputError if the file can't be read. REQUIRES: the scenario is valid, and has the sections and
/// entries.
std::string edited_scenario(const std::string& path, const YamlNode& resolved,
                            const std::vector<EditedKey>& keys,
                            const std::filesystem::path& folder);

}  // namespace offcut::scenario
