#include "models/base/missing_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "models/base/error.h"
#include "models/base/printable.h"

namespace offcut {
namespace {

namespace fs = std::filesystem;

/// Returns the names in a folder, in alphabetical order; none if it can't be read.
std::vector<std::string> entries_of(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder.empty() ? "." : folder, error), end;
       !error && entry != end; entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

std::string missing_file(const std::string& path) {
  const fs::path file(path);
  const std::string near = nearest(file.filename().string(), entries_of(file.parent_path()));
  return near.empty() ? "does not exist"
                      : fmt::format("does not exist; did you mean '{}'?",
                                    printable_line((file.parent_path() / near).string()));
}

}  // namespace offcut
