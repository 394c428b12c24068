#include "models/base/text_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include "models/base/error.h"
#include "models/base/missing_file.h"

namespace offcut {

std::string read_text_file(const std::string& path, std::string_view expected, std::size_t most) {
  if (std::filesystem::is_directory(path)) {
    throw InputError({path}, fmt::format("is a directory, expected {}", expected));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw InputError({path}, std::filesystem::exists(path) ? "can't be read" : missing_file(path));
  }
  std::string text;
  std::vector<char> block(std::size_t{1} << 16U);
  while (file) {
    try {
      file.read(block.data(), static_cast<std::streamsize>(block.size()));
    } catch (const std::ios_base::failure&) {  // A disk error, or not a regular file.
      throw InputError({path}, "can't be read");
    }
    if (file.bad()) {
      throw InputError({path}, "can't be read");
    }
    const auto end = block.begin() + file.gcount();
    if (std::find(block.begin(), end, '\0') != end) {
      throw InputError({path}, fmt::format("is a binary file, expected {}", expected));
    }
    text.append(block.begin(), end);
    if (text.size() > most) {
      throw InputError({path},
                       fmt::format("is larger than {} MiB, expected {}", most >> 20U, expected));
    }
  }
  return text;
}

}  // namespace offcut
