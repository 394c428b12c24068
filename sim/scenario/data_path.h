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

/// Returns the name by which find_file() finds a file of offcut's own data, whatever the scenario's
/// folder: "models/data/digits/digits_cnn.onnx". None of any other file.
std::optional<std::string> name_in_own_data(const std::filesystem::path& file);

}  // namespace offcut::scenario
