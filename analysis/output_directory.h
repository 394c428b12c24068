#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace offcut {

/// Where a run's files go. They are written into a hidden folder beside and moved into place by
/// commit(): a run that fails or is stopped leaves nothing half-written, and an older result stays
/// until the new one is whole.
class OutputDirectory {
 public:
  /// Throws InputError where the folder can't be made.
  explicit OutputDirectory(std::filesystem::path directory);
  /// Removes what was not committed, and folders that were made for it.
  ~OutputDirectory();
  OutputDirectory(const OutputDirectory&) = delete;
  OutputDirectory& operator=(const OutputDirectory&) = delete;

  const std::filesystem::path& path() const { return directory_; }
  /// Where to write the file that shall be called `name`.
  std::string file(const std::string& name) const { return (hidden_ / name).string(); }
  /// This run has no such file: commit() removes one that an older run left, lest they be taken
  /// for one result.
  void remove(const std::string& name) { unwanted_.push_back(name); }
  /// Moves all files into place, replacing those of the same names.
  void commit();

 private:
  std::filesystem::path directory_;
  std::filesystem::path hidden_;
  std::vector<std::filesystem::path> made_;  // the folders that were not there, innermost first
  std::vector<std::string> unwanted_;
};

}  // namespace offcut
