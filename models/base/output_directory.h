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
  /// Also removes what a run that was killed has left there. Throws InputError where the folder
  /// can't be made.
  explicit OutputDirectory(std::filesystem::path directory);
  /// The same for files of other names, which replace those of the same names and no others.
  OutputDirectory(std::filesystem::path directory, std::vector<std::string> names);
  /// Removes what was not committed, and the folders that were made for it.
  ~OutputDirectory();
  OutputDirectory(const OutputDirectory&) = delete;
  OutputDirectory& operator=(const OutputDirectory&) = delete;

  const std::filesystem::path& path() const { return directory_; }
  /// Where to write the result file that shall be called `name`. REQUIRES: one of the names that
  /// results have, or of those given (std::logic_error otherwise), so that commit() knows the files
  /// of earlier runs.
  std::string file(const std::string& name) const;
  /// Whether the path is that of a file that commit() may replace or remove.
  bool owns(const std::filesystem::path& file) const;
  /// Moves all files into place. Those of an earlier run are replaced, or removed where this one
  /// has none of that name: what stands there afterwards is of one run. Returns the names.
  std::vector<std::string> commit();

 private:
  void make();
  void clean_up();

  std::filesystem::path directory_;
  std::vector<std::string> names_;
  bool results_ = false;             // names_ are those of a run's results
  std::filesystem::path outermost_;  // of the folders that had to be made; empty: none
  std::filesystem::path hidden_;
  int lock_ = -1;  // on hidden_, as long as this run lives
};

}  // namespace offcut
