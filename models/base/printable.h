#pragma once

#include <string>
#include <string_view>

namespace offcut {

/// Returns a text that a terminal shows as it is, and does not obey: control characters, bytes that
/// are not UTF-8, and characters that change the direction of writing are escaped ("\\x1b"). Line
/// ends stay.
std::string printable(std::string_view text);

/// The same on one line: line ends are escaped, too ("\\n").
std::string printable_line(std::string_view text);

}  // namespace offcut
