#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace offcut::scenario {

/// The folder of offcut's own scenarios/ and models/data/: `share/offcut` beside an installed
/// program, or else the source tree from which it was built.
std::filesystem::path data_root();

/// Finds a file that a scenario names: beside the scenario, then in offcut's own data. None if it
/// is in neither place.
std::optional<std::filesystem::path> find_file(const std::string& name,
                                               const std::filesystem::path& scenario);

}  // namespace offcut::scenario
