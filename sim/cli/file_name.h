#pragma once

#include <string>
#include <vector>

namespace offcut::cli {

/// Turns the name of a tensor or a tier into the name of a file. Characters with a meaning to a
/// shell or a file system become '_'.
std::string file_name(const std::string& name);

/// Turns several names into names of files with an ending. Equal ones are numbered.
std::vector<std::string> file_names(const std::vector<std::string>& names,
                                    const std::string& ending);

}  // namespace offcut::cli
