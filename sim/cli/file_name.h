#pragma once

#include <string>
#include <vector>

namespace offcut::cli {

/// A name of a tensor or a tier as the name of a file: what a shell or a file system takes for
/// something else becomes '_'.
std::string file_name(const std::string& name);

/// The same for several, with an ending; two that would be the same get numbers.
std::vector<std::string> file_names(const std::vector<std::string>& names,
                                    const std::string& ending);

}  // namespace offcut::cli
