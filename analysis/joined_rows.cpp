#include "analysis/joined_rows.h"

#include <filesystem>
#include <fstream>

#include "models/base/error.h"

namespace offcut::analysis {
namespace {

/// Appends a file, without its first line unless it is the first one.
void append(const std::string& file, bool is_first, std::ostream& joined) {
  std::ifstream rows(file, std::ios::binary);
  std::string header;
  if (!std::getline(rows, header)) {
    throw InputError({file}, "cannot be read");
  }
  if (is_first) {
    joined << header << '\n';
  }
  if (rows.peek() != std::ifstream::traits_type::eof()) {  // An empty copy would fail.
    joined << rows.rdbuf();
  }
}

}  // namespace

void join_rows(const std::vector<std::string>& files, const std::string& path) {
  std::ofstream joined(path, std::ios::binary | std::ios::trunc);
  for (const std::string& file : files) {
    append(file, &file == files.data(), joined);
    std::filesystem::remove(file);
  }
  joined.close();
  if (!joined) {
    throw InputError({path}, "cannot be written");
  }
}

}  // namespace offcut::analysis
