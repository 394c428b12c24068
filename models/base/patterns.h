#pragma once

#include <fnmatch.h>

#include <algorithm>
#include <string>
#include <vector>

namespace offcut {

/// Returns whether the name matches one of the patterns, which are those of a shell: `conv*`.
inline bool matches_any(const std::vector<std::string>& patterns, const std::string& name) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
  });
}

}  // namespace offcut
