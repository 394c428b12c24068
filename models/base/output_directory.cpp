// Result folders that change as a whole. Each process writes into a hidden folder of its own, which
// it locks with flock(); a hidden folder without a lock was left by a killed process. Files are
// moved into place by renaming, which replaces a file at once.
#include "models/base/output_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "models/base/error.h"

namespace offcut {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHidden = ".partial-";

/// Returns the absolute path without ".." and without a slash at the end.
fs::path full_path(const fs::path& directory) {
  const fs::path full = fs::absolute(directory).lexically_normal();
  return full.has_filename() ? full : full.parent_path();
}

/// Locks a hidden folder until the process ends. Returns -1 if another process has the lock or
/// there is no such folder.
int try_lock(const fs::path& folder) {
  const int lock = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) != 0) {
    close(lock);
    return -1;
  }
  return lock;
}

/// Removes the hidden folders of processes that have ended.
void remove_stale(const fs::path& directory) {
  std::vector<fs::path> hidden;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, ignored)) {
    if (entry.path().filename().string().starts_with(kHidden)) {
      hidden.push_back(entry.path());
    }
  }
  for (const fs::path& folder : hidden) {
    if (const int lock = try_lock(folder); lock >= 0) {
      fs::remove_all(folder, ignored);
      close(lock);
    }
  }
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
  remove_stale(directory_);
  while (lock_ < 0) {  // Another process may find the folder stale before it is locked.
    std::string name = (directory_ / kHidden).string() + "XXXXXX";
    if (mkdtemp(name.data()) == nullptr) {
      throw fs::filesystem_error("mkdtemp", std::error_code(errno, std::generic_category()));
    }
    hidden_ = name;
    lock_ = try_lock(hidden_);
    if (lock_ >= 0 && !fs::exists(hidden_)) {
      close(lock_);
      lock_ = -1;
    }
  }
}

void OutputDirectory::clean_up() {
  std::error_code ignored;
  if (!hidden_.empty()) {
    fs::remove_all(hidden_, ignored);
  }
  if (lock_ >= 0) {
    close(lock_);
  }
  // remove() fails on a folder that is not empty, so only empty folders are removed.
  for (fs::path folder = full_path(directory_);
       !outermost_.empty() && fs::remove(folder, ignored) && folder != outermost_;
       folder = folder.parent_path()) {
  }
}

std::string OutputDirectory::file(const std::string& name) const {
  if (std::find(names_.begin(), names_.end(), name) == names_.end()) {
    throw std::logic_error("not the name of a result file: " + name);
  }
  return (hidden_ / name).string();
}

bool OutputDirectory::owns(const fs::path& file) const {
  return std::any_of(names_.begin(), names_.end(), [&](const std::string& name) {
    return fs::weakly_canonical(file) == fs::weakly_canonical(directory_ / name);
  });
}

std::vector<std::string> OutputDirectory::commit() {
  const bool has_earlier = !marker_.empty() && fs::exists(directory_ / marker_);
  std::vector<std::string> names;
  for (const std::string& name : names_) {
    const fs::path target = directory_ / name;
    std::error_code error;
    if (fs::exists(hidden_ / name)) {
      fs::rename(hidden_ / name, target, error);
      names.push_back(name);
    } else if (has_earlier) {
      fs::remove(target, error);
    }
    if (error) {
      throw InputError({target.string()}, "can't be replaced: " + error.message());
    }
  }
  return names;
}

}  // namespace offcut
