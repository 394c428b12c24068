#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace offcut {

/// The lock of a folder whose files are about to be replaced. Processes that replace files of one
/// folder do so one after the other.
class FolderLock {
 public:
  /// Waits for the lock. Throws InputError, about `shown`, if it is not free within 10 s.
  FolderLock(const std::filesystem::path& folder, const std::filesystem::path& shown);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_ = -1;  // -1: the file system has no locks.
};

/// A hidden folder in which the new files of a target folder are written. It stands beside the
/// target, `.NAME.partial-XXXXXX`, or inside it, `.partial-XXXXXX`, where the folder above cannot
/// hold it. An empty file marks it as offcut's own, and a lock on that file shows that its process
/// is alive: other hidden folders are never touched.
class Staging {
 public:
  /// Also removes what killed processes left for this target. Throws std::filesystem_error if the
  /// target does not exist or cannot be written to.
  explicit Staging(const std::filesystem::path& target);
  /// Removes the hidden folder.
  ~Staging();
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  /// The folder for the new files.
  const std::filesystem::path& files() const { return files_; }

  /// Lets replace() keep the target itself, and replace its files one by one.
  void keep_folder() { keeps_folder_ = true; }

  /// Replaces the files of the target that are in `added` or `removed` by the new files, which are
  /// `added`. All other entries of the target stay. Where possible, the new folder takes the place
  /// of the target in one step, with hard links to the other files. Otherwise (see the source) the
  /// old files are moved away first, then the new ones into place: if the process is killed in
  /// between, the target lacks files, but never holds those of two results. Throws InputError,
  /// about `shown`, if a file cannot be replaced; then the target is as before.
  /// REQUIRES: a FolderLock of the target.
  void replace(const std::vector<std::string>& added, const std::vector<std::string>& removed,
               const std::filesystem::path& shown);

 private:
  bool make(const std::filesystem::path& prefix);
  bool exchange(const std::set<std::string>& ours);
  void sweep(const std::set<std::string>& ours);
  void replace_one_by_one(const std::vector<std::string>& added, const std::set<std::string>& ours,
                          const std::filesystem::path& shown);
  void remove_stale(bool also_interrupted) const;

  std::filesystem::path target_;  // Absolute, without symbolic links.
  std::filesystem::path holder_;
  std::filesystem::path files_;  // In holder_.
  bool is_beside_ = true;
  bool keeps_folder_ = false;
  bool holds_others_ = false;  // It has entries that are not offcut's, and stays.
  int lock_ = -1;              // Of the mark.
};

}  // namespace offcut
