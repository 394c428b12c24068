#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace offcut::scenario {

/// The folder that holds offcut's own scenarios/ and models/data/: `share/offcut` beside the
/// program where it is installed, or else the source tree that it was built from.
std::filesystem::path data_root();

/// A file that a scenario names: looked for beside the scenario, then in offcut's own data. None
/// where it is in neither place.
std::optional<std::filesystem::path> find_file(const std::string& name,
                                               const std::filesystem::path& scenario);

}  // namespace offcut::scenario
