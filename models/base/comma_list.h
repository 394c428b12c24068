#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace offcut {

/// Returns the parts between commas. An empty text is one empty part, and so is the end of a text
/// after its last comma.
inline std::vector<std::string> comma_list(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t comma = 0; (comma = text.find(',')) != std::string_view::npos;) {
    parts.emplace_back(text.substr(0, comma));
    text.remove_prefix(comma + 1);
  }
  parts.emplace_back(text);
  return parts;
}

}  // namespace offcut
