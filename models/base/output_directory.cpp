// Result folders that change as a whole. Staging has the hidden folder in which files are written,
// and puts them into place; here, the folder itself is made, and the names of its files are known.

#include "models/base/output_directory.h"

#include <algorithm>
#include <stdexcept>

#include "models/base/error.h"

namespace offcut {
namespace {

namespace fs = std::filesystem;

/// Returns the absolute path without ".." and without a slash at the end.
fs::path full_path(const fs::path& directory) {
  const fs::path full = fs::absolute(directory).lexically_normal();
  return full.has_filename() ? full : full.parent_path();
}

}  // namespace

OutputDirectory::OutputDirectory(fs::path directory, std::vector<std::string> names,
                                 std::string marker)
    : directory_(std::move(directory)), names_(std::move(names)), marker_(std::move(marker)) {
  try {
    make();
  } catch (const fs::filesystem_error& error) {
    clean_up();
    throw InputError({directory_.string()},
                     "can't be used as a folder for results: " + error.code().message());
  }
}

OutputDirectory::~OutputDirectory() { clean_up(); }

void OutputDirectory::make() {
  for (fs::path folder = full_path(directory_); !fs::exists(folder);
       folder = folder.parent_path()) {
    outermost_ = folder;
  }
  fs::create_directories(directory_);
  for (const std::string& name : names_) {
    if (const fs::path target = directory_ / name; fs::is_directory(target)) {
      throw InputError({target.string()}, "can't be replaced: it is a folder");
    }
  }
  staging_.emplace(directory_);
}

void OutputDirectory::clean_up() {
  staging_.reset();
  // remove() fails on a folder that is not empty, so only empty folders are removed.
  std::error_code ignored;
  for (fs::path folder = outermost_.empty() ? fs::path() : full_path(directory_);
       !outermost_.empty() && fs::remove(folder, ignored) && folder != outermost_;
       folder = folder.parent_path()) {
  }
}

std::string OutputDirectory::file(const std::string& name) const {
  if (std::find(names_.begin(), names_.end(), name) == names_.end()) {
    throw std::logic_error("not the name of a result file: " + name);
  }
  return (staging_->files() / name).string();
}

std::string OutputDirectory::shown(const std::string& path) const {
  const fs::path file(path);
  return file.parent_path() == staging_->files() ? (directory_ / file.filename()).string() : path;
}

bool OutputDirectory::owns(const fs::path& file) const {
  return std::any_of(names_.begin(), names_.end(), [&](const std::string& name) {
    return fs::weakly_canonical(file) == fs::weakly_canonical(directory_ / name);
  });
}

std::vector<std::string> OutputDirectory::commit() {
  fs::create_directories(directory_);  // A process that failed may have removed it while empty.
  const FolderLock lock(directory_, directory_);
  const bool has_earlier = !marker_.empty() && fs::exists(directory_ / marker_);
  std::vector<std::string> added;
  std::vector<std::string> removed;
  for (const std::string& name : names_) {
    if (fs::exists(staging_->files() / name)) {
      added.push_back(name);
    } else if (has_earlier) {
      removed.push_back(name);
    }
  }
  staging_->replace(added, removed, directory_);
  return added;
}

}  // namespace offcut
