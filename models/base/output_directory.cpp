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

/// Absolute, without "..", and without a slash at the end.
fs::path full_path(const fs::path& directory) {
  const fs::path full = fs::absolute(directory).lexically_normal();
  return full.has_filename() ? full : full.parent_path();
}

/// The lock of a hidden folder, which dies with the process that holds it. -1 where another one
/// does, or there is no such folder.
int try_lock(const fs::path& folder) {
  const int lock = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) != 0) {
    close(lock);
    return -1;
  }
  return lock;
}

/// Removes the hidden folders whose runs are no more.
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
  while (lock_ < 0) {  // until another run does not take it for stale before it is locked
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
  // Only what is empty goes.
  for (fs::path folder = full_path(directory_);
       !outermost_.empty() && fs::remove(folder, ignored) && folder != outermost_;
       folder = folder.parent_path()) {
  }
}

std::string OutputDirectory::file(const std::string& name) const {
  if (std::find(names_.begin(), names_.end(), name) == names_.end()) {
    throw std::logic_error("no name of a result file: " + name);
  }
  return (hidden_ / name).string();
}

std::string OutputDirectory::shown(const std::string& path) const {
  const fs::path file(path);
  return file.parent_path() == hidden_ ? (directory_ / file.filename()).string() : path;
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
