#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace offcut {

/// The largest text file that is read: a profile, a table or a trace of tens of millions of rows.
inline constexpr std::size_t kMostTextBytes = std::size_t{256} << 20U;

/// Reads a text file. `expected` names its content in messages: "a layer table (CSV)". Throws
/// InputError if the file can't be read, has a NUL byte, or is larger than `most` bytes; of an
/// endless one, such as a device, no more than that is read.
std::string read_text_file(const std::string& path, std::string_view expected,
                           std::size_t most = kMostTextBytes);

}  // namespace offcut
