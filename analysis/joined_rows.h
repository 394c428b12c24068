#pragma once

#include <string>
#include <vector>

namespace offcut::analysis {

/// Writes the rows of several CSV files, in their order, to the file `path` below one header, and
/// removes those files. Throws InputError if a file can't be read or written. REQUIRES: there is at
/// least one file, and all have the same header, in one line.
void join_rows(const std::vector<std::string>& files, const std::string& path);

}  // namespace offcut::analysis
