#pragma once

#include <string>

namespace offcut::cli {

/// Returns the version of the program, "0.1.0".
std::string program_version();
/// Returns the commit from which it was built, with a "+" if the tree had changes; empty if it is
/// unknown.
std::string program_commit();

}  // namespace offcut::cli
