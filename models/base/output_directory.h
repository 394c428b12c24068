#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace offcut {

/// A folder that files of results go into. They are written into a hidden folder inside it and
/// moved into place by commit(): a command that fails or is stopped leaves nothing half-written,
/// and an older result stays until the new one is whole.
class OutputDirectory {
 public:
  /// `names` are those that results may have; others are not touched. If the folder holds the file
  /// `marker`, it holds an earlier result, and commit() also removes those of its files that the
  /// new result does not have; without the marker, or with none, they are the user's and stay. Also
  /// removes what a process that was killed has left. Throws InputError if the folder can't be
  /// made.
  OutputDirectory(std::filesystem::path directory, std::vector<std::string> names,
                  std::string marker = "");
  /// Removes what was not committed, and the folders that were made for it.
  ~OutputDirectory();
  OutputDirectory(const OutputDirectory&) = delete;
  OutputDirectory& operator=(const OutputDirectory&) = delete;

  const std::filesystem::path& path() const { return directory_; }
  /// Where to write the result file that shall be called `name`. REQUIRES: one of the names given
  /// (std::logic_error otherwise), so that commit() knows the files of earlier results.
  std::string file(const std::string& name) const;
  /// Whether the path is that of a file that commit() may replace or remove.
  bool owns(const std::filesystem::path& file) const;
  /// Moves all files into place and returns their names. What stands there afterwards is of one
  /// result.
  std::vector<std::string> commit();

 private:
  void make();
  void clean_up();

  std::filesystem::path directory_;
  std::vector<std::string> names_;
  std::string marker_;               // empty: none
  std::filesystem::path outermost_;  // of the folders that had to be made; empty: none
  std::filesystem::path hidden_;
  int lock_ = -1;  // on hidden_, as long as this lives
};

}  // namespace offcut
