#pragma once

#include <string>

namespace offcut::dataset {

/// Reads a file, and unpacks one that is compressed with zstd or gzip, as its first bytes say.
/// Throws InputError with the path if it cannot be read or unpacked, or would have more than 4 GiB.
std::string read_unpacked(const std::string& path);

}  // namespace offcut::dataset
