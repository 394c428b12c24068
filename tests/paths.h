#pragma once

#include <string>

/// Where tests find their files. The folders are compiled into one object, so that the others are
/// the same in every checkout, and a compiler cache serves them all.
namespace offcut {

/// Returns the path of a file of the sources, given from the project's folder.
std::string source_path(const std::string& file);

/// Returns the path of a file that the tests make in the build folder.
std::string test_data_path(const std::string& file);

}  // namespace offcut
