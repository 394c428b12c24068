// Replaces the files of a folder as a whole: Linux can exchange two folders in one step
// (renameat2() with RENAME_EXCHANGE). The new folder gets hard links to the entries of the old one
// that are not offcut's. Folders cannot have hard links, so that a target with folders of the
// user's in it is changed file by file, as is one that is a working folder, a mount point, another
// user's, or on a file system without this call.

#include "models/base/staging.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "models/base/output_error.h"

namespace offcut {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMark = ".offcut-partial";
constexpr const char* kPrefix = ".partial-";
constexpr const char* kNew = "new";
constexpr const char* kOld = "old";  // The old files while they are replaced one by one.

/// Returns what lstat() says; nothing if there is no such entry.
std::optional<struct stat> status_of(const fs::path& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0 ? std::optional(status) : std::nullopt;
}

bool is_same(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

/// Returns a descriptor of the locked mark of a hidden folder; -1 if it has no mark, or its process
/// lives.
int try_lock(const fs::path& holder) {
  const int mark = open((holder / kMark).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  struct stat opened {};
  if (mark >= 0 && flock(mark, LOCK_EX | LOCK_NB) == 0 && fstat(mark, &opened) == 0) {
    if (const auto there = status_of(holder / kMark); there && is_same(*there, opened)) {
      return mark;
    }
  }
  if (mark >= 0) {
    close(mark);
  }
  return -1;
}

/// Removes a hidden folder, its mark last: if the process is killed meanwhile, what is left can be
/// told from a folder of the user's.
void remove_holder(const fs::path& holder) {
  std::error_code ignored;
  for (const std::string& name : names_in(holder)) {
    if (name != kMark) {
      fs::remove_all(holder / name, ignored);
    }
  }
  fs::remove_all(holder, ignored);
}

/// Moves an entry unless there is one of that name.
bool move_new(const fs::path& from, const fs::path& to) {
  return renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0;
}

bool has_access_list(const fs::path& folder) {
  return getxattr(folder.c_str(), "system.posix_acl_access", nullptr, 0) > 0 ||
         getxattr(folder.c_str(), "system.posix_acl_default", nullptr, 0) > 0;
}

/// Returns whether this process could have made the folder, and works elsewhere: a shell in an
/// exchanged folder would stay in the old one.
bool may_exchange(const fs::path& folder, const struct stat& status) {
  struct stat here {};
  return status.st_uid == geteuid() && !has_access_list(folder) &&
         (stat(".", &here) != 0 || !is_same(here, status));
}

/// Gives the new folder the group and the rights of the old one.
bool take_rights(const fs::path& folder, const struct stat& rights) {
  const auto status = status_of(folder);
  return status &&
         (status->st_gid == rights.st_gid ||
          chown(folder.c_str(), static_cast<uid_t>(-1), rights.st_gid) == 0) &&
         chmod(folder.c_str(), rights.st_mode & 07777U) == 0;
}

}  // namespace

FolderLock::FolderLock(const fs::path& folder, const fs::path& shown) {
  constexpr std::chrono::milliseconds kPause(5);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (true) {
    descriptor_ = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor_ < 0) {
      return;  // It has gone, or may not be read: writing to it gives the error.
    }
    const bool is_locked = flock(descriptor_, LOCK_EX | LOCK_NB) == 0;
    if (!is_locked && errno != EWOULDBLOCK && errno != EINTR) {
      return;
    }
    struct stat opened {};
    struct stat there {};
    if (is_locked && fstat(descriptor_, &opened) == 0 && stat(folder.c_str(), &there) == 0 &&
        is_same(opened, there)) {
      return;  // Otherwise another process has exchanged the folder meanwhile.
    }
    close(std::exchange(descriptor_, -1));
    if (!is_locked && std::chrono::steady_clock::now() > end) {
      throw InputError({shown.string()}, "is locked by another process");
    }
    std::this_thread::sleep_for(is_locked ? std::chrono::milliseconds(0) : kPause);
  }
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) {
    close(descriptor_);
  }
}

Staging::Staging(const fs::path& target) : target_(fs::canonical(target)) {
  if (access(target_.c_str(), W_OK | X_OK) != 0) {
    throw fs::filesystem_error("access", target_, std::error_code(errno, std::generic_category()));
  }
  remove_stale(false);
  const auto status = status_of(target_);
  const auto above = status_of(target_.parent_path());
  is_beside_ =
      status && above && status->st_dev == above->st_dev && target_.has_filename() &&
      make(target_.parent_path() / fmt::format(".{}{}", target_.filename().string(), kPrefix));
  if (!is_beside_ && !make(target_ / kPrefix)) {
    throw fs::filesystem_error("mkdtemp", target_, std::error_code(errno, std::generic_category()));
  }
}

/// Makes the hidden folder with its mark. Returns false, with errno, if that is not possible.
bool Staging::make(const fs::path& prefix) {
  while (true) {
    std::string name = prefix.string() + "XXXXXX";
    if (mkdtemp(name.data()) == nullptr) {
      return false;
    }
    holder_ = name;
    files_ = holder_ / kNew;
    const int mark = open((holder_ / kMark).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    const int error = errno;
    if (mark >= 0) {
      close(mark);
    }
    lock_ = mark >= 0 ? try_lock(holder_) : -1;
    std::error_code failure;
    // Another process may find the mark without a lock, and remove the folder.
    if (lock_ >= 0 && fs::create_directory(files_, failure)) {
      return true;
    }
    if (lock_ >= 0) {
      close(std::exchange(lock_, -1));
    }
    fs::remove_all(holder_, failure);
    if (mark < 0) {
      errno = error;
      return false;
    }
  }
}

Staging::~Staging() {
  if (!holds_others_) {
    remove_holder(holder_);
  }
  if (lock_ >= 0) {
    close(lock_);
  }
}

/// Removes the hidden folders of killed processes. If one was killed while it replaced files one by
/// one, some of its files are only there: they stay until another result is complete.
void Staging::remove_stale(bool also_interrupted) const {
  const std::string beside = fmt::format(".{}{}", target_.filename().string(), kPrefix);
  for (const auto& [folder, prefix] :
       {std::pair(target_.parent_path(), beside), std::pair(target_, std::string(kPrefix))}) {
    for (const std::string& name : names_in(folder)) {
      const fs::path stale = folder / name;
      const auto status = status_of(stale);
      if (!name.starts_with(prefix) || !status || !S_ISDIR(status->st_mode) || stale == holder_ ||
          (status_of(stale / kOld) && !also_interrupted)) {
        continue;
      }
      if (const int lock = try_lock(stale); lock >= 0) {
        remove_holder(stale);
        close(lock);
      }
    }
  }
}

void Staging::replace(const std::vector<std::string>& added,
                      const std::vector<std::string>& removed, const fs::path& shown) {
  std::set<std::string> ours(added.begin(), added.end());
  ours.insert(removed.begin(), removed.end());
  for (const std::string& name : ours) {
    if (const auto status = status_of(target_ / name); status && S_ISDIR(status->st_mode)) {
      throw InputError({(shown / name).string()}, "can't be replaced: it is a folder");
    }
  }
  if (!is_beside_ || keeps_folder_ || !exchange(ours)) {
    replace_one_by_one(added, ours, shown);
  }
  remove_stale(true);
}

/// Lets the new folder take the place of the target, in one step. Returns false if that is not
/// possible; then nothing has changed.
bool Staging::exchange(const std::set<std::string>& ours) {
  const auto status = status_of(target_);
  if (!status || !may_exchange(target_, *status)) {
    return false;
  }
  std::vector<fs::path> linked;
  bool is_complete = true;
  for (const std::string& name : names_in(target_)) {
    if (ours.contains(name)) {
      continue;
    }
    const auto entry = status_of(target_ / name);
    is_complete =
        entry && !S_ISDIR(entry->st_mode) &&
        linkat(AT_FDCWD, (target_ / name).c_str(), AT_FDCWD, (files_ / name).c_str(), 0) == 0;
    if (!is_complete) {
      break;
    }
    linked.push_back(files_ / name);
  }
  if (is_complete && take_rights(files_, *status) &&
      renameat2(AT_FDCWD, files_.c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) == 0) {
    sweep(ours);
    return true;
  }
  for (const fs::path& link : linked) {
    std::error_code ignored;
    fs::remove(link, ignored);
  }
  return false;
}

/// After the exchange, files_ is the old folder. An entry that came into it at the last moment
/// follows into the target.
void Staging::sweep(const std::set<std::string>& ours) {
  for (const std::string& name : names_in(files_)) {
    if (ours.contains(name)) {
      continue;
    }
    const auto old = status_of(files_ / name);
    const auto now = status_of(target_ / name);
    if (old && !(now && is_same(*old, *now)) && !move_new(files_ / name, target_ / name)) {
      holds_others_ = true;
    }
  }
}

void Staging::replace_one_by_one(const std::vector<std::string>& added,
                                 const std::set<std::string>& ours, const fs::path& shown) {
  const fs::path old = holder_ / kOld;
  std::vector<std::pair<fs::path, fs::path>> moves;  // From and to.
  const auto move = [&](const fs::path& from, const fs::path& to) {
    std::error_code error;
    fs::rename(from, to, error);
    if (!error) {
      moves.emplace_back(from, to);
      return;
    }
    for (auto done = moves.rbegin(); done != moves.rend(); ++done) {
      std::error_code ignored;
      fs::rename(done->second, done->first, ignored);
    }
    const std::string name = from.filename().string();
    throw InputError({(shown / name).string()}, "can't be replaced: " + error.message());
  };
  if (std::error_code error; !fs::create_directory(old, error)) {
    throw OutputError({shown.string()}, "can't be replaced: " + error.message());
  }
  for (const std::string& name : ours) {
    if (status_of(target_ / name)) {
      move(target_ / name, old / name);
    }
  }
  for (const std::string& name : added) {
    move(files_ / name, target_ / name);
  }
}

}  // namespace offcut
