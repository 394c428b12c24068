#include "sim/cli/dataset_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "models/base/error.h"
#include "sim/scenario/data_path.h"

namespace offcut::cli {
namespace {

namespace fs = std::filesystem;

/// Returns the folder; nothing if there is none.
std::optional<fs::path> find_folder(const std::string& name) {
  std::error_code ignored;
  for (const fs::path& candidate :
       {fs::path(name), scenario::data_root() / "models" / "data" / name}) {
    if (!name.empty() && fs::is_directory(candidate, ignored)) {
      return candidate;
    }
  }
  return std::nullopt;
}

fs::path folder_of(const std::string& name) {
  if (auto folder = find_folder(name)) {
    return std::move(*folder);
  }
  throw InputError(
      {"--dataset"},
      fmt::format("there is no folder {}, and offcut ships no data of that name", in_quotes(name)));
}

/// Returns the file whose name contains the word and "idx"; empty if there is none.
std::string find_idx(const fs::path& folder, const std::string& word) {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.find(word) != std::string::npos && name.find("idx") != std::string::npos) {
      found.push_back(entry.path().string());
    }
  }
  // Of the images to train on and those to test with, the latter.
  std::vector<std::string> tests;
  std::copy_if(found.begin(), found.end(), std::back_inserter(tests), [](const std::string& path) {
    const std::string name = fs::path(path).filename().string();
    return name.starts_with("test") || name.starts_with("t10k");
  });
  if (tests.size() == 1) {
    return tests.front();
  }
  if (found.size() > 1) {
    throw InputError({folder.string()},
                     fmt::format("holds {} IDX files of {}; expected one", found.size(), word));
  }
  return found.empty() ? "" : found.front();
}

}  // namespace

std::vector<std::string> dataset_files(const std::string& name) {
  std::vector<std::string> files;
  if (const auto folder = find_folder(name)) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(*folder, ignored)) {
      files.push_back(entry.path().string());
    }
  }
  return files;
}

runtime::Dataset read_dataset_folder(const std::string& name) {
  const fs::path folder = folder_of(name);
  const std::string images = find_idx(folder, "images");
  if (images.empty()) {
    throw InputError({folder.string()}, "holds no IDX file of images");
  }
  return runtime::read_dataset(images, find_idx(folder, "labels"));
}

}  // namespace offcut::cli
