#include "sim/cli/file_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace offcut::cli {

std::string file_name(const std::string& name) {
  constexpr std::size_t kLongest = 200;  // File systems take 255 bytes with the ending.
  std::string file = name.substr(0, kLongest);
  std::replace_if(
      file.begin(), file.end(),
      [](unsigned char c) { return std::isalnum(c) == 0 && c != '_' && c != '-' && c != '.'; },
      '_');
  return file.empty() ? "_" : file.front() == '.' || file.front() == '-' ? "_" + file : file;
}

std::vector<std::string> file_names(const std::vector<std::string>& names,
                                    const std::string& ending) {
  std::vector<std::string> files;
  std::set<std::string> taken;
  for (const std::string& name : names) {
    std::string file = file_name(name) + ending;
    for (int i = 2; !taken.insert(file).second; ++i) {
      file = fmt::format("{}_{}{}", file_name(name), i, ending);
    }
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace offcut::cli
