#pragma once

#include <string>

namespace offcut {

/// Returns the message about a file or folder that does not exist, with the nearest name of its
/// folder, if one is near: "does not exist; did you mean 'runs/first.yaml'?".
std::string missing_file(const std::string& path);

}  // namespace offcut
